import { createServer, type IncomingMessage } from 'node:http';
import { afterEach, expect, it } from '@jest/globals';
import type { ChainEntry, QueueProof } from '@usher/contract';
import { fetchProof } from './fetch-proof.js';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Starts a JSON server on this machine. Returns its URL and the list of requested paths. */
async function serve(answer: (url: URL, nth: number) => unknown): Promise<{ url: string; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer(({ url = '' }: IncomingMessage, response) => {
    requests.push(url);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer(new URL(url, 'http://local'), requests.length)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.closeAllConnections());
  closing.push(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { url: `http://127.0.0.1:${address.port}`, requests };
}

const entry = (n: number): ChainEntry => ({
  n,
  at: '2026-11-23T18:30:00.000Z',
  kind: 'join',
  ticket: n,
  hash: 'a'.repeat(64),
  receipt: null,
});

const page = (more: Partial<QueueProof>): QueueProof => ({
  algorithm: 'usher-line-1',
  publicKey: 'key',
  commitment: null,
  seed: null,
  lobbySize: 0,
  chain: [],
  nextCursor: null,
  ...more,
});

it('reads all pages, and takes the seed from the last one', async () => {
  const { url, requests } = await serve(({ searchParams }) =>
    searchParams.get('after') === '0'
      ? page({ chain: [entry(1), entry(2)], nextCursor: '2' })
      : page({ chain: [entry(3)], seed: 'seed', lobbySize: 3, commitment: 'made' }),
  );
  const proof = await fetchProof(`${url}/`, 7, 'entry');
  expect(proof.chain.map(({ n }) => n)).toEqual([1, 2, 3]);
  expect([proof.seed, proof.lobbySize, proof.nextCursor]).toEqual(['seed', 3, null]);
  expect(requests).toEqual([
    '/v1/shows/7/queue/proof?line=entry&after=0',
    '/v1/shows/7/queue/proof?line=entry&after=2',
  ]);
});

it('reads a page again if the service limits the rate, after the delay that the service asks for', async () => {
  const limited = { type: 'about:blank', title: 'Too many calls', status: 429, code: 'RATE_LIMITED', detail: 'Wait' };
  const { url, requests } = await serve((_, nth) => (nth === 1 ? { ...limited, retryAfterMs: 1 } : page({})));
  expect(await fetchProof(url, 7, 'seats')).toEqual(page({}));
  expect(requests).toHaveLength(2);
});

it('rejects with NOT_FOUND if there is no such show', async () => {
  const body = {
    type: 'about:blank',
    title: 'Not found',
    status: 404,
    code: 'NOT_FOUND',
    detail: 'None',
    what: 'show',
  };
  const { url, requests } = await serve(() => body);
  await expect(fetchProof(url, 7, 'entry')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(requests).toHaveLength(1);
});

it.each<[string, (nth: number) => unknown, RegExp]>([
  [
    'a proof whose second page has a different commitment',
    (nth) => page({ commitment: String(nth), nextCursor: '1' }),
    /changed while/,
  ],
  [
    'a proof whose second page has a different key',
    (nth) => page({ publicKey: String(nth), nextCursor: '1' }),
    /changed while/,
  ],
  ['a cursor that does not advance', () => page({ nextCursor: '1' }), /wrong cursor, 1/],
  ['a cursor that is not a number', () => page({ nextCursor: 'next' }), /wrong cursor, next/],
  ['an answer that is not a proof', () => ({ hello: 'world' }), /is not a proof of a line/],
])('rejects %s', async (_, answer, message) => {
  const { url } = await serve((_url, nth) => answer(nth));
  await expect(fetchProof(url, 7, 'entry')).rejects.toThrow(message);
});
