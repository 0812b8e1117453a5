import { execFile } from 'node:child_process';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join as joinPath } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fetchProof, verifyLine, verifyReceipt } from '@usher/client';
import type { LineName, Queue, QueueProof, Session } from '@usher/contract';
import { comeIn, standInOrder, standOutside } from '../../support/entry-line.js';
import { join, LineService } from '../../support/line-service.js';
import { dataFolder } from '../../support/process.js';
import { makeShow } from '../../support/show.js';
import type { TestSocket } from '../../support/socket.js';

let service: LineService;
let folder: Awaited<ReturnType<typeof dataFolder>>;
beforeAll(async () => {
  [service, folder] = await Promise.all([LineService.start({ HOLD_SECONDS: '1' }), dataFolder()]);
});
afterAll(async () => {
  await service.close();
  await folder.remove();
});

/** One that waits: its session, its socket, what it was answered. */
interface Member {
  readonly session: Session;
  readonly socket: TestSocket;
  readonly queue: Queue;
}

async function connect(): Promise<{ session: Session; socket: TestSocket }> {
  const { session } = await service.caller();
  return { session, socket: await service.connect(session.token) };
}

/** A lobby that was drawn: some left before and after, some came later, one was let in. */
async function usedLine(): Promise<{ showId: number; commitment: string; members: Member[] }> {
  const people = await Promise.all(Array.from({ length: 8 }, connect));
  const waitingRoom = { mode: 'on', maxShoppers: 1 } as const;
  const showId = await makeShow(service.pool, { saleOpensAt: new Date(Date.now() + 1500), waitingRoom });
  const { commitment } = await fetchProof(service.app.url, showId, 'entry');
  const lobby = people.slice(0, 6);
  const queues = await standInOrder(
    lobby.map(({ socket }) => socket),
    showId,
  );
  await lobby[2]!.socket.ask('queue:leave', { showId });
  await Promise.all([0, 1, 3, 4, 5].map((index) => lobby[index]!.socket.next('queue:placed')));
  await Promise.race([0, 1, 3, 4, 5].map((index) => lobby[index]!.socket.next('queue:admitted')));
  for (const { socket } of people.slice(6)) queues.push(await standOutside(socket, showId));
  await people[6]!.socket.ask('queue:leave', { showId });
  return { showId, commitment: commitment!, members: people.map((one, index) => ({ ...one, queue: queues[index]! })) };
}

/** The chain by the contract's text alone. */
function chainHashes({ chain }: QueueProof): string[] {
  let previous = '0'.repeat(64);
  return chain.map(({ n, at, kind, ticket }) => {
    previous = createHash('sha256')
      .update(`${previous}|${n}|${at}|${kind}|${ticket ?? ''}`)
      .digest('hex');
    return previous;
  });
}

/** Whether a receipt is signed for a session, by the contract's text alone. */
function isSigned({ publicKey }: QueueProof, { showId, line, ticket, joinedAt, receipt }: Queue, sessionId: string) {
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
  const sessionHash = createHash('sha256').update(sessionId).digest('hex');
  const text = `usher-receipt-1|${showId}|${line}|${ticket}|${joinedAt}|${sessionHash}`;
  return verify(null, Buffer.from(text), key, Buffer.from(receipt, 'base64url'));
}

const fetchedProof = (showId: number, line: LineName): Promise<QueueProof> => fetchProof(service.app.url, showId, line);

describe('the proof of a line', () => {
  it('has a receipt for everybody who joined, signed for its session and for no other', async () => {
    const { showId, members } = await usedLine();
    const proof = await fetchedProof(showId, 'entry');
    for (const [index, { queue, session }] of members.entries()) {
      const { sessionId: other } = members[(index + 1) % members.length]!.session;
      expect([isSigned(proof, queue, session.sessionId), isSigned(proof, queue, other)]).toEqual([true, false]);
      const claim = { proof, ...queue, sessionId: session.sessionId };
      expect(await verifyReceipt(claim)).toEqual([]);
      expect(await verifyReceipt({ ...claim, sessionId: other })).not.toEqual([]);
      expect(await verifyReceipt({ ...claim, ticket: queue.ticket + 1 })).not.toEqual([]);
    }
  });

  it('is a chain of all that happened, in order, which anybody may read without a session', async () => {
    const { showId, members, commitment } = await usedLine();
    const proof = await fetchedProof(showId, 'entry');
    expect(proof.chain.map(({ hash }) => hash)).toEqual(chainHashes(proof));
    expect(proof.chain.map(({ n }) => n)).toEqual(proof.chain.map((_, index) => index + 1));
    const lobby = [1, 2, 3, 4, 5, 6].map((ticket) => ['join', ticket]);
    const happened = proof.chain.map(({ kind, ticket }) => [kind, ticket]);
    expect(happened.slice(0, 8)).toEqual([...lobby, ['leave', 3], ['shuffle', null]]);
    expect(happened[8]).toEqual(['admit', expect.any(Number)]);
    expect(happened.slice(9)).toEqual([
      ['join', 7],
      ['join', 8],
      ['leave', 7],
    ]);
    const report = await verifyLine({ proof, line: 'entry', commitment });
    expect([report.holds, report.counts.tickets, report.counts.lobby]).toEqual([true, members.length, 6]);
    expect(report.checks.map(({ name, state }) => [name, state])).not.toContainEqual([expect.anything(), 'fails']);
  });

  it('goes on where the reader has come to, and says what it cannot answer', async () => {
    const { showId } = await usedLine();
    const { chain } = await fetchedProof(showId, 'entry');
    const read = async (query: string, show = showId) => {
      const answer = await fetch(`${service.app.url}/v1/shows/${show}/queue/proof?${query}`);
      return { status: answer.status, body: (await answer.json()) as QueueProof };
    };
    expect((await read('line=entry&after=5')).body.chain).toEqual(chain.slice(5));
    expect((await read('line=entry&after=999')).body).toMatchObject({ chain: [], nextCursor: null });
    expect((await read('line=seats')).body).toMatchObject({ chain: [], commitment: null });
    expect((await read('line=back')).status).toBe(400);
    expect((await read('after=-1')).status).toBe(400);
    expect((await read('line=entry', 999_999)).status).toBe(404);
  });

  it('of the seat line tells of offers, of those that lapsed and of those who left', async () => {
    const { showId } = await service.show([2]); // held for a second
    const [first, second, third] = await service.connectAll(3);
    const queue = await join(first!, showId, { partySize: 2 });
    await join(second!, showId, { partySize: 2 });
    await join(third!, showId, { partySize: 2 });
    await third!.ask('queue:leave', { showId });
    await first!.next('queue:offer');
    await first!.next('queue:expired', ({ reason }) => reason === 'offerLapsed');
    const { booking } = await second!.next('queue:offer');
    await second!.ask('reservation:release', { bookingId: booking.bookingId });
    const proof = await fetchedProof(showId, 'seats');
    expect(proof.chain.map(({ hash }) => hash)).toEqual(chainHashes(proof));
    expect(proof.chain.map(({ kind, ticket }) => `${kind} ${ticket}`).toSorted()).toEqual([
      'join 1',
      'join 2',
      'join 3',
      'lapse 1',
      'leave 2',
      'leave 3',
      'offer 1',
      'offer 2',
    ]);
    expect((await verifyLine({ proof, line: 'seats' })).findings).toEqual([]);
    const { sessionId } = await first!.session();
    expect([isSigned(proof, queue, sessionId), proof.commitment, proof.seed]).toEqual([true, null, null]);
  });

  it('holds at every moment, also while many come and go', async () => {
    const showId = await makeShow(service.pool, { waitingRoom: { mode: 'on', maxShoppers: 3 } });
    const sockets = await service.connectAll(30);
    const crowd = sockets.map(async (socket, index) => {
      if (index % 3 > 0) await comeIn(socket, showId);
      else await join(socket, showId);
      await socket.ask('queue:leave', { showId });
    });
    const over = new AbortController();
    const all = Promise.all(crowd).finally(() => over.abort());
    const found: unknown[] = [];
    while (!over.signal.aborted)
      found.push(...(await verifyLine({ proof: await fetchedProof(showId, 'entry'), line: 'entry' })).findings);
    await all;
    const report = await verifyLine({ proof: await fetchedProof(showId, 'entry'), line: 'entry' });
    expect([found, report.findings, report.counts.tickets]).toEqual([[], [], 30]);
  });
});

describe('npm run verify-line', () => {
  const run = (...args: string[]): Promise<{ code: number; said: string }> =>
    new Promise((resolve) => {
      execFile('npm', ['run', '--silent', 'verify-line', '--', service.app.url, ...args], (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), said: stdout + stderr }),
      );
    });

  it('finds that all holds, and where a receipt stands', async () => {
    const { showId, commitment, members } = await usedLine();
    const { queue, session } = members[7]!;
    const file = joinPath(folder.path, 'queue.json');
    await writeFile(file, JSON.stringify(queue));
    const place = ['--queue', file, '--session', session.sessionId];
    const mine = await run(String(showId), '--commitment', commitment, ...place);
    expect(mine).toEqual({ code: 0, said: expect.stringContaining('All holds.') });
    expect(mine.said).toContain('ticket 8: place 8 of 8, 4 still waiting ahead of it');
    const foreign = await run(String(showId), '--queue', file, '--session', members[0]!.session.sessionId);
    expect(foreign).toEqual({ code: 1, said: expect.stringContaining('Findings: 1.') });
    const changed = await run(String(showId), '--commitment', commitment.replaceAll(/./gu, '0'));
    expect(changed).toEqual({ code: 1, said: expect.stringContaining('The commitment was 000') });
  });

  it('says that nothing could be checked where there is no such show', async () => {
    expect(await run('999999')).toMatchObject({ code: 2 });
  });
});
