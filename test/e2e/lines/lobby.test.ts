import { createHash } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { fetchProof, verifyLine } from '@usher/client';
import type { Queue, QueueProof } from '@usher/contract';
import { enterShow, joinEntryLineInOrder, joinEntryLine } from '../../support/entry-line.js';
import { setUpLineService, getPlace } from '../../support/line-service.js';
import { makeShow } from '../../support/show.js';
import type { TestSocket } from '../../support/socket.js';

const service = setUpLineService();

/** Creates a show with a lobby. @param opensInMs time until the sale opens, long enough for the test's preparation */
async function createShowWithLobby(opensInMs: number, admitPerMinute: number | null = null) {
  const saleOpensAt = new Date(Date.now() + opensInMs);
  const waitingRoom = { mode: 'on', maxShoppers: 1, admitPerMinute } as const;
  return { showId: await makeShow(service.pool, { saleOpensAt, waitingRoom }), opensAt: saleOpensAt.getTime() };
}

const fetchEntryProof = (showId: number): Promise<QueueProof> => fetchProof(service.url, showId, 'entry');

const sha256 = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

/** Shuffles the lobby's line tickets into the order of entry, as the contract describes it. */
function shuffle(seed: string, receipts: readonly string[]): number[] {
  const seedHash = sha256(Buffer.from(seed, 'hex'), ...receipts.map((receipt) => Buffer.from(receipt, 'base64url')));
  const list = receipts.map((_, index) => index + 1);
  for (let i = list.length - 1; i > 0; i--) {
    const indexBytes = Buffer.alloc(8);
    indexBytes.writeBigUInt64BE(BigInt(i));
    const j = Number(sha256(seedHash, indexBytes).readBigUInt64BE(0) % BigInt(i + 1));
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
  return list;
}

/** Waits until every socket has received its drawn place. Returns these places. */
const waitForPlaces = (sockets: readonly TestSocket[]): Promise<Queue[]> =>
  Promise.all(sockets.map(async (socket) => (await socket.next('queue:placed')).queue));

it('a lobby gives nobody a place or seats before the sale opens', async () => {
  const { showId } = await createShowWithLobby(60_000);
  const sockets = await service.connectAll(3);
  const places = await joinEntryLineInOrder(sockets, showId);
  expect(places).toEqual(
    [1, 2, 3].map((ticket) => expect.objectContaining({ ticket, place: null, ahead: null, waiting: ticket })),
  );
  expect(await getPlace(sockets[0]!, showId)).toMatchObject({ place: null, ahead: null, waiting: 3 });
  expect(await joinEntryLine(sockets[2]!, showId)).toMatchObject({ ticket: 3, receipt: places[2]!.receipt });
  expect((await sockets[0]!.refused('reservation:create', { showId, seats: [0] })).code).toBe('NOT_ADMITTED');
  expect((await fetch(`${service.url}/v1/shows/${showId}/seats`)).status).toBe(403);
});

it('a lobby publishes a commitment before anybody joins, hides its seed until the draw, and draws the places once', async () => {
  const sockets = await service.connectAll(12);
  const { showId, opensAt } = await createShowWithLobby(2500);
  const before = await fetchEntryProof(showId);
  expect(before).toMatchObject({ commitment: expect.stringMatching(/^[0-9a-f]{64}$/), seed: null, lobbySize: 0 });
  const joined = await joinEntryLineInOrder(sockets, showId);
  const during = await fetchEntryProof(showId);
  expect(during).toMatchObject({ commitment: before.commitment, seed: null, lobbySize: 12 });
  const queues = await waitForPlaces(sockets);
  expect(Date.now()).toBeGreaterThanOrEqual(opensAt);
  expect(queues.map(({ place }) => place).toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual(joined.map((_, i) => i + 1));

  const proof = await fetchEntryProof(showId);
  expect(proof).toMatchObject({ commitment: before.commitment, lobbySize: 12 });
  expect(sha256(Buffer.from(proof.seed!, 'hex')).toString('hex')).toBe(before.commitment);
  const order = shuffle(
    proof.seed!,
    joined.map(({ receipt }) => receipt),
  );
  expect(queues.map(({ place }) => order[place! - 1])).toEqual(joined.map(({ ticket }) => ticket));
  expect(proof.chain.filter(({ kind }) => kind === 'shuffle')).toHaveLength(1);
  const report = await verifyLine({ proof, line: 'entry', commitment: before.commitment! });
  expect([report.findings, report.order]).toEqual([[], order]);
  const first = sockets[queues.findIndex(({ place }) => place === 1)]!;
  expect(await enterShow(first, showId)).toMatchObject({ version: 0 });
});

it('a lobby shows the same commitment to every client, and lobbies of different shows have different commitments', async () => {
  const [one, other] = [await createShowWithLobby(60_000), await createShowWithLobby(60_000)];
  const readCommitment = async (showId: number) => (await fetchEntryProof(showId)).commitment;
  const all = await Promise.all([1, 2, 3, 4].map(() => readCommitment(one.showId)));
  expect(new Set(all).size).toBe(1);
  expect(await readCommitment(other.showId)).not.toBe(all[0]);
  const showWithoutLobby = await makeShow(service.pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
  expect(await fetchEntryProof(showWithoutLobby)).toMatchObject({
    commitment: null,
    seed: null,
    lobbySize: 0,
    chain: [],
  });
});

it('a lobby is served in the drawn order, and later buyers follow in the order in which they join', async () => {
  const [lobby, late] = [await service.connectAll(6), await service.connectAll(3)];
  const { showId } = await createShowWithLobby(1500);
  await joinEntryLineInOrder(lobby, showId);
  const queues = await waitForPlaces(lobby);
  expect((await joinEntryLineInOrder(late, showId)).map(({ place }) => place)).toEqual([7, 8, 9]);
  const ordered = lobby.toSorted((a, b) => queues[lobby.indexOf(a)]!.place! - queues[lobby.indexOf(b)]!.place!);
  const all = [...ordered, ...late];
  for (const [index, next] of all.slice(1).entries()) {
    await enterShow(all[index]!, showId);
    expect(await getPlace(next, showId)).toMatchObject({ place: index + 2, ahead: 0, waiting: 8 - index });
    await all[index]!.ask('queue:leave', { showId });
  }
  await enterShow(late[2]!, showId);
  const { findings } = await verifyLine({ proof: await fetchEntryProof(showId), line: 'entry' });
  expect(findings).toEqual([]);
});

it('a lobby draws places even for waiters who left, so that leaving cannot influence the draw, but admits none of them', async () => {
  const sockets = await service.connectAll(8);
  const { showId } = await createShowWithLobby(2000, 1);
  const joined = await joinEntryLineInOrder(sockets, showId);
  for (const index of [0, 3, 7]) await sockets[index]!.ask('queue:leave', { showId });
  expect(await getPlace(sockets[0]!, showId)).toBeNull();
  expect(await getPlace(sockets[1]!, showId)).toMatchObject({ place: null, ahead: null, waiting: 5 });
  // A buyer who returns gets a new line ticket. The old line ticket still counts in the draw.
  expect(await joinEntryLine(sockets[3]!, showId)).toMatchObject({ ticket: 9, place: null, waiting: 6 });
  const again = (await getPlace(sockets[3]!, showId))!;
  const remaining = [1, 2, 3, 4, 5, 6].map((index) => sockets[index]!);
  const queues = await waitForPlaces(remaining);
  const proof = await fetchEntryProof(showId);
  const order = shuffle(
    proof.seed!,
    [...joined, again].map(({ receipt }) => receipt),
  );
  expect(proof.lobbySize).toBe(9);
  expect(queues.map(({ place }) => order[place! - 1])).toEqual([2, 3, 9, 5, 6, 7]);
  const { findings } = await verifyLine({ proof, line: 'entry' });
  expect(findings).toEqual([]);
  const places = queues.map(({ place }) => place!).toSorted((a, b) => a - b);
  const admitted = remaining[queues.findIndex(({ place }) => place === places[0])]!;
  await enterShow(admitted, showId);
  for (const [index, { place }] of queues.entries()) {
    if (place === places[0]) continue;
    const expectedPlace = { place, ahead: places.indexOf(place!) - 1, waiting: 5 };
    expect(await getPlace(remaining[index]!, showId)).toMatchObject(expectedPlace);
  }
});

it('a lobby sends the drawn place to every socket of a session, and on request to a session that was away', async () => {
  const [{ session }, awaySession] = [await service.caller(), await service.caller()];
  const socketsOfOneSession = await Promise.all([service.connect(session.token), service.connect(session.token)]);
  const closedSocket = await service.connect(awaySession.session.token);
  const { showId } = await createShowWithLobby(1500);
  await joinEntryLineInOrder([socketsOfOneSession[0], closedSocket], showId);
  closedSocket.close();
  const [first, second] = await waitForPlaces(socketsOfOneSession);
  expect(second).toEqual(first);
  const back = await service.connect(awaySession.session.token);
  const places = [first!.place, (await back.ask('queue:status', { showId })).queue?.place ?? 1];
  expect(places.toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual([1, 2]);
});

it('an empty lobby publishes its seed, and later buyers are served in the order in which they join', async () => {
  const { showId } = await createShowWithLobby(-1);
  const { commitment } = await fetchEntryProof(showId);
  const [first, next] = await service.connectAll(2);
  await enterShow(first!, showId);
  expect(await joinEntryLine(next!, showId)).toMatchObject({ ticket: 2, place: 2, ahead: 0 });
  const proof = await fetchEntryProof(showId);
  expect(proof).toMatchObject({ commitment, lobbySize: 0 });
  expect(sha256(Buffer.from(proof.seed!, 'hex')).toString('hex')).toBe(commitment);
  const { findings, order } = await verifyLine({ proof, line: 'entry', commitment: commitment! });
  expect([findings, order]).toEqual([[], [1, 2]]);
});
it('an empty lobby publishes its seed even if nobody joins', async () => {
  const { showId, opensAt } = await createShowWithLobby(700);
  const { commitment } = await fetchEntryProof(showId);
  let proof = await fetchEntryProof(showId);
  while (proof.seed === null && Date.now() < opensAt + 5000) proof = await fetchEntryProof(showId);
  expect(Date.now()).toBeGreaterThanOrEqual(opensAt);
  expect(proof).toMatchObject({ commitment, lobbySize: 0, seed: expect.any(String) });
  expect(sha256(Buffer.from(String(proof.seed), 'hex')).toString('hex')).toBe(commitment);
});
