import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { fetchProof, verifyLine } from '@usher/client';
import type { Booking, Queue } from '@usher/contract';
import type pg from 'pg';
import { createTestDatabase, type TestDatabase, testEnvironment, testPool } from '../../support/database.js';
import { comeIn, standInOrder, standOutside } from '../../support/entry-line.js';
import { join, placeOf } from '../../support/line-service.js';
import { ServiceProcess } from '../../support/process.js';
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

/** A node of the service, in a process of its own, on the one database. */
interface Node {
  readonly url: string;
  kill(): Promise<unknown>;
}

async function startNode(): Promise<Node> {
  const service = ServiceProcess.start(testEnvironment(database.url, { LOG_LEVEL: 'error' }));
  services.push(service);
  return { url: await service.ready(), kill: () => service.end('SIGKILL') };
}

async function connect(node: Node, token: string): Promise<TestSocket> {
  const socket = await TestSocket.connect(node.url, { auth: { token } });
  sockets.push(socket);
  return socket;
}

/** Somebody whose session outlives the nodes it is connected to. */
interface Person {
  readonly token: string;
  readonly sessionId: string;
  readonly socket: TestSocket;
}

const people = (node: Node, count: number): Promise<Person[]> =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const { token, sessionId } = (await RestCaller.begin(node.url)).session;
      return { token, sessionId, socket: await connect(node, token) };
    }),
  );

/** The same people on another node, or on the same one after its end. */
const moved = (node: Node, crowd: readonly Person[]): Promise<Person[]> =>
  Promise.all(crowd.map(async (person) => ({ ...person, socket: await connect(node, person.token) })));

const socketsOf = (crowd: readonly Person[]): TestSocket[] => crowd.map(({ socket }) => socket);

const placesOf = (crowd: readonly Person[], showId: number): Promise<(Queue | null)[]> =>
  Promise.all(socketsOf(crowd).map((socket) => placeOf(socket, showId)));

/** What of a place in line may not change by a crash. */
const lasting = (queue: Queue | null) =>
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

async function expectProof(node: Node, showId: number, line: 'entry' | 'seats', tickets: number): Promise<void> {
  const report = await verifyLine({ proof: await fetchProof(node.url, showId, line), line });
  expect([report.findings, report.counts.tickets]).toEqual([[], tickets]);
}

const waitingRoom = { mode: 'on', maxShoppers: 2 } as const;

describe('a service that is killed while people wait', () => {
  it('has lost nobody in the entry line or inside when it is back, and lets the next in', async () => {
    const first = await startNode();
    const showId = await makeShow(pool, { waitingRoom });
    const [inside, waiting] = [await people(first, 2), await people(first, 30)];
    for (const { socket } of inside) await comeIn(socket, showId);
    await standInOrder(socketsOf(waiting), showId);
    for (const index of [4, 9, 29]) await waiting[index]!.socket.ask('queue:leave', { showId });
    const before = await placesOf(waiting, showId);
    await first.kill();

    const second = await startNode();
    const [insideNow, waitingNow] = [await moved(second, inside), await moved(second, waiting)];
    expect((await placesOf(waitingNow, showId)).map(lasting)).toEqual(before.map(lasting));
    const [ann, ben] = socketsOf(insideNow);
    expect(await ann!.ask('show:join', { showId })).toMatchObject({ access: 'open' });
    expect((await ben!.ask('reservation:create', { showId, seats: [3] })).booking.status).toBe('reserved');
    await ann!.ask('show:leave', { showId });
    await comeIn(waitingNow[0]!.socket, showId);
    await ben!.ask('queue:leave', { showId });
    await comeIn(waitingNow[1]!.socket, showId);
    const left = await placeOf(waitingNow[5]!.socket, showId); // behind the third and the fourth; the fifth had left
    expect(left).toMatchObject({ ahead: 2, waiting: 25 });
    await expectProof(second, showId, 'entry', 32);
  }, 60_000);

  it('has lost no offer and no place in the seat line, and offers what comes back to the next', async () => {
    const first = await startNode();
    const showId = await makeShow(pool, { rows: 1, seatsPerRow: 8 });
    const [holder, ...waiting] = await people(first, 25);
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
    const before = await placesOf(waiting, showId);
    await first.kill();

    const second = await startNode();
    const [holderNow, ...waitingNow] = await moved(second, [holder!, ...waiting]);
    expect((await placesOf(waitingNow, showId)).map(lasting)).toEqual(before.map(lasting));
    for (const [index, { booking }] of offers.entries()) {
      const joined = await comeIn(waitingNow[index]!.socket, showId);
      expect(joined.bookings).toEqual([booking]);
    }
    await holderNow!.socket.ask('reservation:release', { bookingId: bookings[2]!.bookingId });
    await waitingNow[0]!.socket.ask('reservation:release', { bookingId: offers[0]!.booking.bookingId });
    const next = await Promise.all(waitingNow.slice(2, 4).map(({ socket }) => socket.next('queue:offer')));
    expect(next.flatMap(({ booking }) => booking.seats.map(({ seat }) => seat)).toSorted((a, b) => a - b)).toEqual(
      [...offers[0]!.booking.seats, ...bookings[2]!.seats].map(({ seat }) => seat).toSorted((a, b) => a - b),
    );
    await expectProof(second, showId, 'seats', 24);
  }, 60_000);

  it('draws the lobby that was open when it died, with the seed that it had committed to', async () => {
    const first = await startNode();
    const crowd = await people(first, 24);
    const saleOpensAt = new Date(Date.now() + 4000);
    const showId = await makeShow(pool, { saleOpensAt, waitingRoom });
    const { commitment } = await fetchProof(first.url, showId, 'entry');
    const joined = await standInOrder(socketsOf(crowd), showId);
    await crowd[5]!.socket.ask('queue:leave', { showId });
    await first.kill();

    const second = await startNode(); // before the opening or after it: the order is the same
    const crowdNow = await moved(second, crowd);
    const proof = await proofOnceDrawn(second, showId, saleOpensAt);
    expect(proof).toMatchObject({ commitment, lobbySize: 24 });
    const report = await verifyLine({ proof, line: 'entry', commitment: commitment! });
    expect(report.findings).toEqual([]);
    const receipts = proof.chain.flatMap(({ receipt }) => receipt ?? []);
    expect(receipts).toEqual(joined.map(({ receipt }) => receipt));
    const order = report.order!.filter((ticket) => ticket !== 6);
    // Two are inside by now; the others are served in that order.
    for (const [index, ticket] of order.slice(0, 5).entries()) {
      const { socket } = crowdNow[ticket - 1]!;
      await comeIn(socket, showId);
      await socket.ask('queue:leave', { showId });
      const last = crowdNow[order.at(-1)! - 1]!;
      expect((await placeOf(last.socket, showId))!.ahead).toBeLessThanOrEqual(order.length - index - 3);
    }
    await expectProof(second, showId, 'entry', 24);
  }, 60_000);
});

/** The proof when the lobby was drawn. */
async function proofOnceDrawn(node: Node, showId: number, opensAt: Date) {
  for (;;) {
    const proof = await fetchProof(node.url, showId, 'entry');
    if (proof.seed !== null) return proof;
    if (Date.now() > opensAt.getTime() + 10_000) throw new Error('the lobby was not drawn');
  }
}

describe('two nodes on one database', () => {
  it('give each ticket once and leave none out, and each tells its own people when they are let in', async () => {
    const [one, other] = await Promise.all([startNode(), startNode()]);
    const showId = await makeShow(pool, { waitingRoom });
    const crowd = (await Promise.all([people(one, 20), people(other, 20)])).flat();
    const shop = async ({ socket }: Person): Promise<void> => {
      await comeIn(socket, showId, 20_000);
      await socket.ask('queue:leave', { showId });
    };
    await Promise.all(crowd.map(shop));
    const proof = await fetchProof(other.url, showId, 'entry');
    const tickets = (wanted: string) => proof.chain.filter(({ kind }) => kind === wanted).map(({ ticket }) => ticket);
    const all = Array.from({ length: 40 }, (_, index) => index + 1);
    expect([tickets('join'), tickets('admit')]).toEqual([all, all]);
    await Promise.all([expectProof(one, showId, 'entry', 40), expectProof(other, showId, 'entry', 40)]);
  }, 60_000);

  it('agree on every place, and one of them alone goes on with all of them', async () => {
    const [one, other] = await Promise.all([startNode(), startNode()]);
    const showId = await makeShow(pool, { waitingRoom });
    const [insideOne, insideOther] = [...(await people(one, 1)), ...(await people(other, 1))];
    await comeIn(insideOne!.socket, showId);
    await comeIn(insideOther!.socket, showId);
    const [here, there] = await Promise.all([people(one, 15), people(other, 15)]);
    const crowd = [...here, ...there];
    const joined = await Promise.all(socketsOf(crowd).map((socket) => standOutside(socket, showId)));
    expect(joined.map(({ ticket }) => ticket).toSorted((a, b) => a - b)).toEqual(joined.map((_, index) => index + 3));
    // Whoever comes again, on the other node, has the place that it had.
    const twin = await connect(other, here[0]!.token);
    expect(await standOutside(twin, showId)).toMatchObject({ ticket: joined[0]!.ticket, receipt: joined[0]!.receipt });
    await one.kill();

    const hereNow = await moved(other, here);
    const places = await placesOf([...hereNow, ...there], showId);
    const ahead = places.map((queue) => queue!.ahead!);
    expect(ahead.toSorted((a, b) => a - b)).toEqual(joined.map((_, index) => index));
    expect(places.map((queue) => queue!.ticket)).toEqual(joined.map(({ ticket }) => ticket));
    const order = [...hereNow, ...there].toSorted(
      (a, b) => ahead[[...hereNow, ...there].indexOf(a)]! - ahead[[...hereNow, ...there].indexOf(b)]!,
    );
    await insideOther!.socket.ask('queue:leave', { showId });
    await comeIn(order[0]!.socket, showId);
    // Whose node died is inside still, until it is gone for too long.
    const back = await connect(other, insideOne!.token);
    expect(await back.ask('show:join', { showId })).toMatchObject({ access: 'open' });
    await back.ask('show:leave', { showId });
    await comeIn(order[1]!.socket, showId);
    expect(await placeOf(order[29]!.socket, showId)).toMatchObject({ ahead: 27, waiting: 28 });
    await expectProof(other, showId, 'entry', 32);
  }, 60_000);

  it('draw a lobby once, and each tells its own people their places', async () => {
    const [one, other] = await Promise.all([startNode(), startNode()]);
    const [here, there] = await Promise.all([people(one, 8), people(other, 8)]);
    const [twin] = await moved(other, here.slice(0, 1));
    const crowd = socketsOf([...here, ...there]);
    const showId = await makeShow(pool, { saleOpensAt: new Date(Date.now() + 2500), waitingRoom });
    const joined = await Promise.all(crowd.map((socket) => standOutside(socket, showId)));
    await standOutside(twin!.socket, showId);
    const placed = await Promise.all(crowd.map((socket) => socket.next('queue:placed')));
    expect(await twin!.socket.next('queue:placed')).toMatchObject({ queue: { place: placed[0]!.queue.place } });
    const proof = await fetchProof(other.url, showId, 'entry');
    const { findings, order } = await verifyLine({ proof, line: 'entry' });
    expect(findings).toEqual([]);
    expect(placed.map(({ queue }) => order![queue.place! - 1])).toEqual(joined.map(({ ticket }) => ticket));
  }, 60_000);
});
