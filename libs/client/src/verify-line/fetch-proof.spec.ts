import { createServer, type IncomingMessage } from 'node:http';
import { afterEach, expect, it } from '@jest/globals';
import type { ChainEntry, QueueProof } from '@usher/contract';
import { fetchProof } from './fetch-proof.js';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server of JSON on this machine, and the addresses it was asked for. */
async function serve(answer: (url: URL, nth: number) => unknown): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer(({ url = '' }: IncomingMessage, response) => {
    asked.push(url);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer(new URL(url, 'http://local'), asked.length)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.closeAllConnections());
  closing.push(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port');
  return { url: `http://127.0.0.1:${address.port}`, asked };
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

it('reads all pages, and what the last one says of the seed', async () => {
  const { url, asked } = await serve(({ searchParams }) =>
    searchParams.get('after') === '0'
      ? page({ chain: [entry(1), entry(2)], nextCursor: '2' })
      : page({ chain: [entry(3)], seed: 'seed', lobbySize: 3, commitment: 'made' }),
  );
  const proof = await fetchProof(`${url}/`, 7, 'entry');
  expect(proof.chain.map(({ n }) => n)).toEqual([1, 2, 3]);
  expect([proof.seed, proof.lobbySize, proof.nextCursor]).toEqual(['seed', 3, null]);
  expect(asked).toEqual(['/v1/shows/7/queue/proof?line=entry&after=0', '/v1/shows/7/queue/proof?line=entry&after=2']);
});

it('asks again after the pause that the service wants', async () => {
  const limited = { type: 'about:blank', title: 'Too many calls', status: 429, code: 'RATE_LIMITED', detail: 'Wait' };
  const { url, asked } = await serve((_, nth) => (nth === 1 ? { ...limited, retryAfterMs: 1 } : page({})));
  expect(await fetchProof(url, 7, 'seats')).toEqual(page({}));
  expect(asked).toHaveLength(2);
});

it('says that there is no such show', async () => {
  const body = {
    type: 'about:blank',
    title: 'Not found',
    status: 404,
    code: 'NOT_FOUND',
    detail: 'None',
    what: 'show',
  };
  const { url, asked } = await serve(() => body);
  await expect(fetchProof(url, 7, 'entry')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(asked).toHaveLength(1);
});

it.each<[string, (nth: number) => unknown, RegExp]>([
  [
    'another commitment on the second page',
    (nth) => page({ commitment: String(nth), nextCursor: '1' }),
    /changed while/,
  ],
  ['another key on the second page', (nth) => page({ publicKey: String(nth), nextCursor: '1' }), /changed while/],
  ['a cursor that goes round', () => page({ nextCursor: '1' }), /wrong cursor, 1/],
  ['a cursor that is no number', () => page({ nextCursor: 'next' }), /wrong cursor, next/],
  ['something else', () => ({ hello: 'world' }), /is not a proof of a line/],
])('takes no proof with %s', async (_, answer, message) => {
  const { url } = await serve((_url, nth) => answer(nth));
  await expect(fetchProof(url, 7, 'entry')).rejects.toThrow(message);
});
