import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createUsher, type ShowStore, type ShowView, type Usher, type UsherOptions } from '@usher/client';
import { type Booking, decodeSeats, SeatStatus } from '@usher/contract';
import type pg from 'pg';
import { readConfig } from '../../../src/config/config.js';
import { startService } from '../../../src/service.js';
import { startApp, type TestApp } from '../../support/app.js';
import { createTestDatabase, testEnvironment, testPool } from '../../support/database.js';
import { type Fate, type Message, TestProxy } from '../../support/proxy.js';
import { until } from '../../support/sdk.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';

let app: TestApp;
let pool: pg.Pool;
let proxy: TestProxy;
/** A client right beside the service, which makes the changes that others have to see. */
let neighbour: TestSocket;
let showId: number;
const open: Usher[] = [];

beforeAll(async () => {
  app = await startApp({ demo: false });
  pool = testPool(app.databaseUrl, 2);
});

beforeEach(async () => {
  proxy = await TestProxy.start(app.url);
  neighbour = await TestSocket.connect(app.url);
  showId = await makeShow(pool);
});

afterEach(async () => {
  for (const usher of open.splice(0)) usher.close();
  neighbour.close();
  await proxy.close();
});

afterAll(async () => {
  await pool.end();
  await app.close();
});

function usherOf(options: Partial<UsherOptions> = {}): Usher {
  const usher = createUsher({ url: proxy.url, ...options });
  open.push(usher);
  return usher;
}

/** A store over the proxy that has its first map. */
async function openShow(): Promise<ShowStore> {
  const show = usherOf().openShow(showId);
  await show.ready;
  return show;
}

const hold = (seats: number[]): Promise<{ booking: Booking }> => neighbour.ask('reservation:create', { showId, seats });

const isLive = ({ connection }: ShowView): boolean => connection === 'live';

/** A store's view is live, has these bookings, and its map is what the service says. */
async function expectRight(show: ShowStore, bookings: readonly Booking[], url = app.url): Promise<void> {
  const { version, counts, seats, seatCount } = await usherOf({ url }).catalog.seats(showId);
  const view = await until(show, (one) => isLive(one) && one.version === version);
  expect(view).toMatchObject({ version, counts, seats: decodeSeats(seats, seatCount), bookings, error: null });
}

/** The first message that fits has this fate; all others pass. */
function once(fate: Fate, fits: (message: Message) => boolean): void {
  proxy.fate = (message) => {
    if (!fits(message)) return 'passes';
    proxy.fate = () => 'passes';
    return fate;
  };
}

const bookingStates = async (): Promise<string[]> => {
  const { rows } = await pool.query<{ status: string }>('select status from booking where show_id = $1', [showId]);
  return rows.map(({ status }) => status);
};

describe('a connection cut in the middle of a reserve', () => {
  it.each<[string, (message: Message) => boolean]>([
    ['before the service heard of it', ({ by, text }) => by === 'client' && text.includes('"reservation:create"')],
    ['after the service made the booking', ({ by, text }) => by === 'server' && text.includes('"status":"reserved"')],
  ])('%s, still makes exactly one booking', async (_, fits) => {
    const show = await openShow();
    once('cuts', fits);
    const booking = await show.reserve({ best: { count: 2 } });
    expect(proxy.connections).toBe(2);
    expect(await bookingStates()).toEqual(['reserved']);
    await expectRight(show, [booking]);
  });

  it('again and again, still makes exactly one booking', async () => {
    const show = await openShow();
    let cuts = 0;
    proxy.fate = ({ by, text }) =>
      by === 'server' && text.includes('"status":"reserved"') && cuts++ < 3 ? 'cuts' : 'passes';
    const booking = await show.reserve({ best: { count: 2 } });
    expect(cuts).toBeGreaterThanOrEqual(3);
    expect(await bookingStates()).toEqual(['reserved']);
    await expectRight(show, [booking]);
  });
});

describe('an answer that is lost on a connection that lives', () => {
  it('is asked for again: one reserve makes one booking', async () => {
    const show = await openShow();
    once('is lost', ({ by, text }) => by === 'server' && text.includes('"status":"reserved"'));
    const booking = await show.reserve({ seats: [5] });
    expect(await bookingStates()).toEqual(['reserved']);
    await expectRight(show, [booking]);
  });
});

describe('a connection cut in the middle of a release', () => {
  it('gives the hold back once and answers what became of it', async () => {
    const show = await openShow();
    const booking = await show.reserve({ seats: [1] });
    once('cuts', ({ by, text }) => by === 'server' && text.startsWith('43') && text.includes('"status":"released"'));
    const released = await show.release(booking.bookingId);
    expect(released).toEqual({ ...booking, status: 'released', version: 2 });
    expect(proxy.connections).toBeGreaterThan(1);
    await expectRight(show, [released]);
  });
});

describe('a connection that dies', () => {
  it('comes back, and map and bookings are right whatever happened meanwhile', async () => {
    const usher = usherOf();
    const show = usher.openShow(showId);
    const given = await show.reserve({ seats: [1] });
    const kept = await show.reserve({ seats: [2] });
    const { token } = await usher.session();
    proxy.refusals = 2;
    proxy.cut();
    await until(show, ({ connection }) => connection === 'reconnecting');
    const tab = await TestSocket.connect(app.url, { auth: { token } });
    const { booking: released } = await tab.ask('reservation:release', { bookingId: given.bookingId });
    const { booking: made } = await tab.ask('reservation:create', { showId, seats: [3] });
    await hold([50, 51]);
    // What became of the hold that ended unseen is asked for after the join.
    await until(show, ({ bookings }) => bookings.length === 3);
    expect(proxy.refusals).toBe(0);
    await expectRight(show, [made, kept, released]);
    tab.close();
  });

  it('is tried for as long as it takes when the service is not there at first', async () => {
    proxy.refusals = 2;
    const show = usherOf().openShow(showId);
    const reserved = show.reserve({ seats: [3] });
    expect(show.getSnapshot()).toMatchObject({ connection: 'connecting', version: 0, seatCount: 0 });
    const booking = await reserved;
    expect(proxy.refusals).toBe(0);
    await expectRight(show, [booking]);
  });

  it('is found within 2 s once the service is back, however long it was away', async () => {
    const show = await openShow();
    const lastRefusal = new Promise<number>((resolve) => {
      // Five attempts, each over both transports: the pauses have grown as long as they get.
      proxy.refusals = 10;
      proxy.turnedAway = () => proxy.refusals === 0 && resolve(performance.now());
    });
    proxy.cut();
    await hold([7]);
    const backAt = await lastRefusal;
    await until(show, ({ connection, version }) => connection === 'live' && version === 1);
    expect(performance.now() - backAt).toBeLessThan(2_000);
  });

  it('gives up a request after its time, with TIMEOUT', async () => {
    proxy.refusals = Infinity;
    const show = usherOf({ requestTimeoutMs: 300 }).openShow(showId);
    await expect(show.reserve({ seats: [3] })).rejects.toMatchObject({ name: 'UsherError', code: 'TIMEOUT' });
    expect(await bookingStates()).toEqual([]);
  });

  it('by the wish of the client ends the requests under way with NETWORK, and is not made again', async () => {
    const usher = usherOf();
    const show = usher.openShow(showId);
    await show.ready;
    proxy.stall();
    const reserved = show.reserve({ seats: [3] });
    usher.close();
    await expect(reserved).rejects.toMatchObject({ name: 'UsherError', code: 'NETWORK' });
    expect(show.getSnapshot().connection).toBe('closed');
    expect(() => usher.openShow(showId)).toThrow('The client is closed');
    expect(proxy.connections).toBe(1);
  });
});

describe('a connection that is stalled', () => {
  it('is replaced when a request gets no answer over it', async () => {
    const show = await openShow();
    proxy.stall();
    const booking = await show.reserve({ seats: [4] });
    expect(proxy.connections).toBe(2);
    await expectRight(show, [booking]);
  });

  it('is replaced within 20 s when nothing is asked at all', async () => {
    const show = await openShow();
    proxy.stall();
    await hold([60]);
    await until(show, ({ seats }) => seats[60] === SeatStatus.held, 20_000);
    await expectRight(show, []);
  });
});

describe('a message about seats that is lost', () => {
  const isDiff = ({ by, text }: Message): boolean => by === 'server' && text.includes('"seats:changed"');

  it('is asked for when the next one shows the gap', async () => {
    const show = await openShow();
    once('is lost', isDiff);
    await hold([1]);
    await hold([2]);
    const view = await until(show, ({ version }) => version === 2, 2_000);
    expect([view.seats[1], view.seats[2]]).toEqual([SeatStatus.held, SeatStatus.held]);
    expect(proxy.connections).toBe(1);
    await expectRight(show, []);
  });

  it('is asked for within 5 s when none follows', async () => {
    const show = await openShow();
    once('is lost', isDiff);
    await hold([1]);
    await until(show, ({ seats }) => seats[1] === SeatStatus.held, 5_000);
    expect(proxy.connections).toBe(1);
    await expectRight(show, []);
  });
});

describe('a service that is started again', () => {
  it('on the same database and port is found, and the map is right within 2 s of its start', async () => {
    const database = await createTestDatabase({ demo: false });
    const itsPool = testPool(database.url, 1);
    showId = await makeShow(itsPool);
    await itsPool.end();
    const start = (port: string) => startService(readConfig(testEnvironment(database.url, { PORT: port })));
    const first = await start('0');
    const show = usherOf({ url: first.url }).openShow(showId);
    const booking = await show.reserve({ seats: [1, 2] });
    await first.close();
    await until(show, ({ connection }) => connection === 'reconnecting');
    const elsewhere = await start('0');
    const other = await TestSocket.connect(elsewhere.url);
    await other.ask('reservation:create', { showId, seats: [70, 71] });
    other.close();
    await elsewhere.close();
    const again = await start(new URL(first.url).port);
    const view = await until(show, ({ connection, version }) => connection === 'live' && version === 2, 2_000);
    expect(view).toMatchObject({ counts: { held: 4 }, bookings: [booking] });
    await expectRight(show, [booking], again.url);
    for (const usher of open.splice(0)) usher.close();
    await again.close();
    await database.drop();
  });
});
