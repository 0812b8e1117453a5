import { execFile } from 'node:child_process';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join as joinPath } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fetchProof, verifyLine, verifyReceipt } from '@usher/client';
import { type LineName, type Queue, QueueProof, type Session } from '@usher/contract';
import { validate } from '../../support/contract-shapes.js';
import { enterShow, joinEntryLineInOrder, joinEntryLine } from '../../support/entry-line.js';
import { join, LineService } from '../../support/line-service.js';
import { makeDataFolder } from '../../support/service-process.js';
import { makeShow } from '../../support/show.js';
import type { TestSocket } from '../../support/socket.js';

let service: LineService;
let folder: Awaited<ReturnType<typeof makeDataFolder>>;
beforeAll(async () => {
  [service, folder] = await Promise.all([LineService.start({ HOLD_SECONDS: '1' }), makeDataFolder()]);
});
afterAll(async () => {
  await service.close();
  await folder.remove();
});

/** A session that joined the line, with its socket and the server's answer. */
interface Member {
  readonly session: Session;
  readonly socket: TestSocket;
  readonly queue: Queue;
}

async function connect(): Promise<{ session: Session; socket: TestSocket }> {
  const { session } = await service.caller();
  return { session, socket: await service.connect(session.token) };
}

/**
 * Creates a line whose lobby has been drawn. One of the six members of the lobby left before the draw, and one was
 * admitted after it. Then two more members joined, and one of these two left.
 */
async function createUsedLine(): Promise<{ showId: number; commitment: string; members: Member[] }> {
  const visitors = await Promise.all(Array.from({ length: 8 }, connect));
  const waitingRoom = { mode: 'on', maxShoppers: 1 } as const;
  const showId = await makeShow(service.pool, { saleOpensAt: new Date(Date.now() + 1500), waitingRoom });
  const { commitment } = await fetchProof(service.url, showId, 'entry');
  const lobby = visitors.slice(0, 6);
  const queues = await joinEntryLineInOrder(
    lobby.map(({ socket }) => socket),
    showId,
  );
  await lobby[2]!.socket.ask('queue:leave', { showId });
  await Promise.all([0, 1, 3, 4, 5].map((index) => lobby[index]!.socket.next('queue:placed')));
  await Promise.race([0, 1, 3, 4, 5].map((index) => lobby[index]!.socket.next('queue:admitted')));
  for (const { socket } of visitors.slice(6)) queues.push(await joinEntryLine(socket, showId));
  await visitors[6]!.socket.ask('queue:leave', { showId });
  return {
    showId,
    commitment: commitment!,
    members: visitors.map((visitor, index) => ({ ...visitor, queue: queues[index]! })),
  };
}

/** Computes the hashes of the chain as the contract describes them, without code of the service. */
function computeChainHashes({ chain }: QueueProof): string[] {
  let previous = '0'.repeat(64);
  return chain.map(({ n, at, kind, ticket }) => {
    previous = createHash('sha256')
      .update(`${previous}|${n}|${at}|${kind}|${ticket ?? ''}`)
      .digest('hex');
    return previous;
  });
}

/** Verifies the signature of a receipt as the contract describes it, without code of the service. */
function isSigned({ publicKey }: QueueProof, { showId, line, ticket, joinedAt, receipt }: Queue, sessionId: string) {
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
  const sessionHash = createHash('sha256').update(sessionId).digest('hex');
  const text = `usher-receipt-1|${showId}|${line}|${ticket}|${joinedAt}|${sessionHash}`;
  return verify(null, Buffer.from(text), key, Buffer.from(receipt, 'base64url'));
}

const fetchLineProof = (showId: number, line: LineName): Promise<QueueProof> => fetchProof(service.url, showId, line);

describe('the proof of a line', () => {
  it('has a receipt for every member, signed for that member’s session only', async () => {
    const { showId, members } = await createUsedLine();
    const proof = await fetchLineProof(showId, 'entry');
    for (const [index, { queue, session }] of members.entries()) {
      const { sessionId: other } = members[(index + 1) % members.length]!.session;
      expect([isSigned(proof, queue, session.sessionId), isSigned(proof, queue, other)]).toEqual([true, false]);
      const options = { proof, ...queue, sessionId: session.sessionId };
      expect(await verifyReceipt(options)).toEqual([]);
      expect(await verifyReceipt({ ...options, sessionId: other })).not.toEqual([]);
      expect(await verifyReceipt({ ...options, ticket: queue.ticket + 1 })).not.toEqual([]);
    }
  });

  it('is a chain of all events in order, which anyone can read without a session', async () => {
    const { showId, members, commitment } = await createUsedLine();
    const proof = await fetchLineProof(showId, 'entry');
    expect(proof.chain.map(({ hash }) => hash)).toEqual(computeChainHashes(proof));
    expect(proof.chain.map(({ n }) => n)).toEqual(proof.chain.map((_, index) => index + 1));
    const lobby = [1, 2, 3, 4, 5, 6].map((ticket) => ['join', ticket]);
    const events = proof.chain.map(({ kind, ticket }) => [kind, ticket]);
    expect(events.slice(0, 8)).toEqual([...lobby, ['leave', 3], ['shuffle', null]]);
    expect(events[8]).toEqual(['admit', expect.any(Number)]);
    expect(events.slice(9)).toEqual([
      ['join', 7],
      ['join', 8],
      ['leave', 7],
    ]);
    const report = await verifyLine({ proof, line: 'entry', commitment });
    expect([report.isValid, report.counts.lineTickets, report.counts.lobby]).toEqual([true, members.length, 6]);
    expect(report.checks.map(({ name, state }) => [name, state])).not.toContainEqual([expect.anything(), 'failed']);
  });

  it('can be read from any event on, and is refused if the query is invalid', async () => {
    const { showId } = await createUsedLine();
    const { chain } = await fetchLineProof(showId, 'entry');
    const readProof = async (query: string, show = showId) => {
      const answer = await fetch(`${service.url}/v1/shows/${show}/queue/proof?${query}`);
      const body: unknown = await answer.json();
      return { status: answer.status, body };
    };
    expect(validate(QueueProof, (await readProof('line=entry&after=5')).body).chain).toEqual(chain.slice(5));
    expect((await readProof('line=entry&after=999')).body).toMatchObject({ chain: [], nextCursor: null });
    expect((await readProof('line=seats')).body).toMatchObject({ chain: [], commitment: null });
    expect((await readProof('line=back')).status).toBe(400);
    expect((await readProof('after=-1')).status).toBe(400);
    expect((await readProof('line=entry', 999_999)).status).toBe(404);
  });

  it('of a seat line contains offers, lapsed offers and waiters who left', async () => {
    const { showId } = await service.makeFullShow([2]); // The hold lasts one second.
    const [first, second, third] = await service.connectAll(3);
    const queue = await join(first!, showId, { partySize: 2 });
    await join(second!, showId, { partySize: 2 });
    await join(third!, showId, { partySize: 2 });
    await third!.ask('queue:leave', { showId });
    await first!.next('queue:offer');
    await first!.next('queue:expired', ({ reason }) => reason === 'offerLapsed');
    const { booking } = await second!.next('queue:offer');
    await second!.ask('reservation:release', { bookingId: booking.bookingId });
    const proof = await fetchLineProof(showId, 'seats');
    expect(proof.chain.map(({ hash }) => hash)).toEqual(computeChainHashes(proof));
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

  it('is valid at every moment while many members join and leave', async () => {
    const showId = await makeShow(service.pool, { waitingRoom: { mode: 'on', maxShoppers: 3 } });
    const sockets = await service.connectAll(30);
    const crowd = sockets.map(async (socket, index) => {
      if (index % 3 > 0) await enterShow(socket, showId);
      else await join(socket, showId);
      await socket.ask('queue:leave', { showId });
    });
    const finished = new AbortController();
    const everybodyLeft = Promise.all(crowd).finally(() => finished.abort());
    const findings: unknown[] = [];
    while (!finished.signal.aborted)
      findings.push(...(await verifyLine({ proof: await fetchLineProof(showId, 'entry'), line: 'entry' })).findings);
    await everybodyLeft;
    const report = await verifyLine({ proof: await fetchLineProof(showId, 'entry'), line: 'entry' });
    expect([findings, report.findings, report.counts.lineTickets]).toEqual([[], [], 30]);
  });
});

describe('npm run verify-line', () => {
  const runVerifyLine = (...args: string[]): Promise<{ code: number; output: string }> =>
    new Promise((resolve) => {
      execFile('npm', ['run', '--silent', 'verify-line', '--', service.url, ...args], (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
      );
    });

  it('confirms a valid line and prints the place that belongs to a receipt', async () => {
    const { showId, commitment, members } = await createUsedLine();
    const { queue, session } = members[7]!;
    const file = joinPath(folder.path, 'queue.json');
    await writeFile(file, JSON.stringify(queue));
    const receiptArguments = ['--queue', file, '--session', session.sessionId];
    const ownReceipt = await runVerifyLine(String(showId), '--commitment', commitment, ...receiptArguments);
    expect(ownReceipt).toEqual({ code: 0, output: expect.stringContaining('The line is valid.') });
    expect(ownReceipt.output).toContain('ticket 8: place 8 of 8, 4 still waiting ahead of it');
    const otherSession = await runVerifyLine(
      String(showId),
      '--queue',
      file,
      '--session',
      members[0]!.session.sessionId,
    );
    expect(otherSession).toEqual({ code: 1, output: expect.stringContaining('Findings: 1.') });
    const changed = await runVerifyLine(String(showId), '--commitment', commitment.replaceAll(/./gu, '0'));
    expect(changed).toEqual({ code: 1, output: expect.stringContaining('The commitment was 000') });
  });

  it('exits with code 2 if the show does not exist', async () => {
    expect(await runVerifyLine('999999')).toMatchObject({ code: 2 });
  });
});
