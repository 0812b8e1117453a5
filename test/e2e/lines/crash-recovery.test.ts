import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { fetchProof, verifyLine } from '@usher/client';
import type { Booking, Queue } from '@usher/contract';
import type pg from 'pg';
import { createTestDatabase, type TestDatabase, testEnvironment, testPool } from '../../support/database.js';
import { enterShow, joinEntryLineInOrder, joinEntryLine } from '../../support/entry-line.js';
import { join, getPlace } from '../../support/line-service.js';
import { ServiceProcess } from '../../support/service-process.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';

let database: TestDatabase;
let pool: pg.Pool;
const services: ServiceProcess[] = [];
const sockets: TestSocket[] = [];

beforeAll(async () => {
  database = await createTestDatabase({ demo: false });
  pool = testPool(database.url, 2);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  await Promise.all(services.splice(0).map((service) => service.end('SIGKILL')));
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** A node that runs in its own process on the shared database. */
interface Node {
  readonly url: string;
  kill(): Promise<unknown>;
}

async function startNode(): Promise<Node> {
  const service = ServiceProcess.start(testEnvironment(database.url, { LOG_LEVEL: 'error' }));
  services.push(service);
  return { url: await service.waitUntilReady(), kill: () => service.end('SIGKILL') };
}

async function connect(node: Node, token: string): Promise<TestSocket> {
  const socket = await TestSocket.connect(node.url, { auth: { token } });
  sockets.push(socket);
  return socket;
}

/** A session that outlives the nodes to which it connects. */
interface Person {
  readonly token: string;
  readonly sessionId: string;
  readonly socket: TestSocket;
}

const createPeople = (node: Node, count: number): Promise<Person[]> =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const { token, sessionId } = (await RestCaller.begin(node.url)).session;
      return { token, sessionId, socket: await connect(node, token) };
    }),
  );

/** Reconnects the same people to another node. */
const reconnect = (node: Node, crowd: readonly Person[]): Promise<Person[]> =>
  Promise.all(crowd.map(async (person) => ({ ...person, socket: await connect(node, person.token) })));

const listSockets = (crowd: readonly Person[]): TestSocket[] => crowd.map(({ socket }) => socket);

const readPlaces = (crowd: readonly Person[], showId: number): Promise<(Queue | null)[]> =>
  Promise.all(listSockets(crowd).map((socket) => getPlace(socket, showId)));

/** Selects the fields of a place that a crash must not change. */
const selectLastingFields = (queue: Queue | null) =>
  queue && {
    ticket: queue.ticket,
    place: queue.place,
    ahead: queue.ahead,
    waiting: queue.waiting,
    joinedAt: queue.joinedAt,
    expiresAt: queue.expiresAt,
    receipt: queue.receipt,
    version: queue.version,
  };

async function expectProof(node: Node, showId: number, line: 'entry' | 'seats', listTickets: number): Promise<void> {
  const report = await verifyLine({ proof: await fetchProof(node.url, showId, line), line });
  expect([report.findings, report.counts.lineTickets]).toEqual([[], listTickets]);
}

const waitingRoom = { mode: 'on', maxShoppers: 2 } as const;

describe('a node that is killed while buyers wait', () => {
  it('loses neither the entry line nor a stay, and its successor admits the next waiters', async () => {
    const first = await startNode();
    const showId = await makeShow(pool, { waitingRoom });
    const [inside, waiting] = [await createPeople(first, 2), await createPeople(first, 30)];
    for (const { socket } of inside) await enterShow(socket, showId);
    await joinEntryLineInOrder(listSockets(waiting), showId);
    for (const index of [4, 9, 29]) await waiting[index]!.socket.ask('queue:leave', { showId });
    const before = await readPlaces(waiting, showId);
    await first.kill();

    const second = await startNode();
    const [insideReconnected, waitingReconnected] = [await reconnect(second, inside), await reconnect(second, waiting)];
    expect((await readPlaces(waitingReconnected, showId)).map(selectLastingFields)).toEqual(
      before.map(selectLastingFields),
    );
    const [ann, ben] = listSockets(insideReconnected);
    expect(await ann!.ask('show:join', { showId })).toMatchObject({ access: 'open' });
    expect((await ben!.ask('reservation:create', { showId, seats: [3] })).booking.status).toBe('reserved');
    await ann!.ask('show:leave', { showId });
    await enterShow(waitingReconnected[0]!.socket, showId);
    await ben!.ask('queue:leave', { showId });
    await enterShow(waitingReconnected[1]!.socket, showId);
    const left = await getPlace(waitingReconnected[5]!.socket, showId); // two are ahead, because the fifth has left
    expect(left).toMatchObject({ ahead: 2, waiting: 25 });
    await expectProof(second, showId, 'entry', 32);
  }, 60_000);

  it('loses no offer and no place of the seat line, and its successor offers returned seats to the next waiters', async () => {
    const first = await startNode();
    const showId = await makeShow(pool, { rows: 1, seatsPerRow: 8 });
    const [holder, ...waiting] = await createPeople(first, 25);
    const bookings: Booking[] = [];
    for (const seats of [
      [0, 1],
      [2, 3],
      [4, 5],
      [6, 7],
    ]) {
      bookings.push((await holder!.socket.ask('reservation:create', { showId, seats })).booking);
    }
    for (const { socket } of waiting) await join(socket, showId, { partySize: 2 });
    await holder!.socket.ask('reservation:release', { bookingId: bookings[0]!.bookingId });
    await holder!.socket.ask('reservation:release', { bookingId: bookings[1]!.bookingId });
    const offers = await Promise.all(waiting.slice(0, 2).map(({ socket }) => socket.next('queue:offer')));
    const before = await readPlaces(waiting, showId);
    await first.kill();

    const second = await startNode();
    const [holderReconnected, ...waitingReconnected] = await reconnect(second, [holder!, ...waiting]);
    expect((await readPlaces(waitingReconnected, showId)).map(selectLastingFields)).toEqual(
      before.map(selectLastingFields),
    );
    for (const [index, { booking }] of offers.entries()) {
      const joined = await enterShow(waitingReconnected[index]!.socket, showId);
      expect(joined.bookings).toEqual([booking]);
    }
    await holderReconnected!.socket.ask('reservation:release', { bookingId: bookings[2]!.bookingId });
    await waitingReconnected[0]!.socket.ask('reservation:release', { bookingId: offers[0]!.booking.bookingId });
    const next = await Promise.all(waitingReconnected.slice(2, 4).map(({ socket }) => socket.next('queue:offer')));
    expect(next.flatMap(({ booking }) => booking.seats.map(({ seat }) => seat)).toSorted((a, b) => a - b)).toEqual(
      [...offers[0]!.booking.seats, ...bookings[2]!.seats].map(({ seat }) => seat).toSorted((a, b) => a - b),
    );
    await expectProof(second, showId, 'seats', 24);
  }, 60_000);

  it('leaves a lobby to its successor, which draws the places with the committed seed', async () => {
    const first = await startNode();
    const crowd = await createPeople(first, 24);
    const saleOpensAt = new Date(Date.now() + 4000);
    const showId = await makeShow(pool, { saleOpensAt, waitingRoom });
    const { commitment } = await fetchProof(first.url, showId, 'entry');
    const joined = await joinEntryLineInOrder(listSockets(crowd), showId);
    await crowd[5]!.socket.ask('queue:leave', { showId });
    await first.kill();

    const second = await startNode(); // the drawn order is the same before and after the sale opens
    const crowdReconnected = await reconnect(second, crowd);
    const proof = await waitForDraw(second, showId, saleOpensAt);
    expect(proof).toMatchObject({ commitment, lobbySize: 24 });
    const report = await verifyLine({ proof, line: 'entry', commitment: commitment! });
    expect(report.findings).toEqual([]);
    const receipts = proof.chain.flatMap(({ receipt }) => receipt ?? []);
    expect(receipts).toEqual(joined.map(({ receipt }) => receipt));
    const order = report.order!.filter((ticket) => ticket !== 6);
    // The show has room for two sessions at a time. All sessions are admitted in the drawn order.
    for (const [index, ticket] of order.slice(0, 5).entries()) {
      const { socket } = crowdReconnected[ticket - 1]!;
      await enterShow(socket, showId);
      await socket.ask('queue:leave', { showId });
      const last = crowdReconnected[order.at(-1)! - 1]!;
      expect((await getPlace(last.socket, showId))!.ahead).toBeLessThanOrEqual(order.length - index - 3);
    }
    await expectProof(second, showId, 'entry', 24);
  }, 60_000);
});

/** Polls the proof until the places of the lobby have been drawn. Returns the proof. */
async function waitForDraw(node: Node, showId: number, opensAt: Date) {
  for (;;) {
    const proof = await fetchProof(node.url, showId, 'entry');
    if (proof.seed !== null) return proof;
    if (Date.now() > opensAt.getTime() + 10_000) throw new Error('the lobby was not drawn in time');
  }
}

describe('two nodes on one database', () => {
  it('give each line ticket once, admit every line ticket, and notify their own clients of the admission', async () => {
    const [one, other] = await Promise.all([startNode(), startNode()]);
    const showId = await makeShow(pool, { waitingRoom });
    const crowd = (await Promise.all([createPeople(one, 20), createPeople(other, 20)])).flat();
    const visitShow = async ({ socket }: Person): Promise<void> => {
      await enterShow(socket, showId, 20_000);
      await socket.ask('queue:leave', { showId });
    };
    await Promise.all(crowd.map(visitShow));
    const proof = await fetchProof(other.url, showId, 'entry');
    const listTickets = (wanted: string) =>
      proof.chain.filter(({ kind }) => kind === wanted).map(({ ticket }) => ticket);
    const all = Array.from({ length: 40 }, (_, index) => index + 1);
    expect([listTickets('join'), listTickets('admit')]).toEqual([all, all]);
    await Promise.all([expectProof(one, showId, 'entry', 40), expectProof(other, showId, 'entry', 40)]);
  }, 60_000);

  it('agree on every place, and one of them continues with all places when the other dies', async () => {
    const [one, other] = await Promise.all([startNode(), startNode()]);
    const showId = await makeShow(pool, { waitingRoom });
    const [insideOne, insideOther] = [...(await createPeople(one, 1)), ...(await createPeople(other, 1))];
    await enterShow(insideOne!.socket, showId);
    await enterShow(insideOther!.socket, showId);
    const [here, there] = await Promise.all([createPeople(one, 15), createPeople(other, 15)]);
    const crowd = [...here, ...there];
    const joined = await Promise.all(listSockets(crowd).map((socket) => joinEntryLine(socket, showId)));
    expect(joined.map(({ ticket }) => ticket).toSorted((a, b) => a - b)).toEqual(joined.map((_, index) => index + 3));
    // A session that returns on the other node keeps its place.
    const secondSocket = await connect(other, here[0]!.token);
    expect(await joinEntryLine(secondSocket, showId)).toMatchObject({
      ticket: joined[0]!.ticket,
      receipt: joined[0]!.receipt,
    });
    await one.kill();

    const hereReconnected = await reconnect(other, here);
    const places = await readPlaces([...hereReconnected, ...there], showId);
    const ahead = places.map((queue) => queue!.ahead!);
    expect(ahead.toSorted((a, b) => a - b)).toEqual(joined.map((_, index) => index));
    expect(places.map((queue) => queue!.ticket)).toEqual(joined.map(({ ticket }) => ticket));
    const order = [...hereReconnected, ...there].toSorted(
      (a, b) => ahead[[...hereReconnected, ...there].indexOf(a)]! - ahead[[...hereReconnected, ...there].indexOf(b)]!,
    );
    await insideOther!.socket.ask('queue:leave', { showId });
    await enterShow(order[0]!.socket, showId);
    // A session whose node died keeps its stay until its presence times out.
    const back = await connect(other, insideOne!.token);
    expect(await back.ask('show:join', { showId })).toMatchObject({ access: 'open' });
    await back.ask('show:leave', { showId });
    await enterShow(order[1]!.socket, showId);
    expect(await getPlace(order[29]!.socket, showId)).toMatchObject({ ahead: 27, waiting: 28 });
    await expectProof(other, showId, 'entry', 32);
  }, 60_000);

  it('draw the places of a lobby once, and notify their own clients of these places', async () => {
    const [one, other] = await Promise.all([startNode(), startNode()]);
    const [here, there] = await Promise.all([createPeople(one, 8), createPeople(other, 8)]);
    const [secondSocket] = await reconnect(other, here.slice(0, 1));
    const crowd = listSockets([...here, ...there]);
    const showId = await makeShow(pool, { saleOpensAt: new Date(Date.now() + 2500), waitingRoom });
    const joined = await Promise.all(crowd.map((socket) => joinEntryLine(socket, showId)));
    await joinEntryLine(secondSocket!.socket, showId);
    const placed = await Promise.all(crowd.map((socket) => socket.next('queue:placed')));
    expect(await secondSocket!.socket.next('queue:placed')).toMatchObject({ queue: { place: placed[0]!.queue.place } });
    const proof = await fetchProof(other.url, showId, 'entry');
    const { findings, order } = await verifyLine({ proof, line: 'entry' });
    expect(findings).toEqual([]);
    expect(placed.map(({ queue }) => order![queue.place! - 1])).toEqual(joined.map(({ ticket }) => ticket));
  }, 60_000);
});
