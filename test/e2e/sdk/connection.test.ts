import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createUsher, type ShowStore, type ShowView, type Usher, type UsherOptions } from '@usher/client';
import { type Booking, decodeSeats, SeatStatus } from '@usher/contract';
import { setUpApp } from '../../support/file-app.js';
import { createTestDatabase, testEnvironment, testPool } from '../../support/database.js';
import { type Fate, type Message, TestProxy } from '../../support/test-proxy.js';
import { waitForView } from '../../support/sdk.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';
import { startTestService } from '../../support/service-host/start-test-service.js';

const app = setUpApp();
let proxy: TestProxy;
/** A client with a direct connection to the service. It makes the changes that other clients must see. */
let neighbour: TestSocket;
let showId: number;
const openClients: Usher[] = [];

beforeEach(async () => {
  proxy = await TestProxy.start(app.url);
  neighbour = await TestSocket.connect(app.url);
  showId = await makeShow(app.pool);
});

afterEach(async () => {
  for (const usher of openClients.splice(0)) usher.close();
  neighbour.close();
  await proxy.close();
});

function createClient(options: Partial<UsherOptions> = {}): Usher {
  const usher = createUsher({ url: proxy.url, ...options });
  openClients.push(usher);
  return usher;
}

/** Opens a show over the proxy and waits for its first seat map. */
async function openShow(): Promise<ShowStore> {
  const show = createClient().openShow(showId);
  await show.ready;
  return show;
}

const holdAsNeighbour = (seats: number[]): Promise<{ booking: Booking }> =>
  neighbour.ask('reservation:create', { showId, seats });

const isLive = ({ connection }: ShowView): boolean => connection === 'live';

/** Expects that a store is live, has these bookings, and has the same seat map as the service. */
async function expectMatchesService(show: ShowStore, bookings: readonly Booking[], url = app.url): Promise<void> {
  const { version, counts, seats, seatCount } = await createClient({ url }).catalog.seats(showId);
  const view = await waitForView(show, (one) => isLive(one) && one.version === version);
  expect(view).toMatchObject({ version, counts, seats: decodeSeats(seats, seatCount), bookings, error: null });
}

/** Applies the fate to the first message that meets the condition `fits`. All other messages pass. */
function setFateOnce(fate: Fate, fits: (message: Message) => boolean): void {
  proxy.decideFate = (message) => {
    if (!fits(message)) return 'passes';
    proxy.decideFate = () => 'passes';
    return fate;
  };
}

const readBookingStatuses = async (): Promise<string[]> => {
  const { rows } = await app.pool.query<{ status: string }>('select status from booking where show_id = $1', [showId]);
  return rows.map(({ status }) => status);
};

describe('a connection that is cut during a reservation', () => {
  it.each<[string, (message: Message) => boolean]>([
    [
      'before the service received the request',
      ({ by, text }) => by === 'client' && text.includes('"reservation:create"'),
    ],
    ['after the service made the booking', ({ by, text }) => by === 'server' && text.includes('"status":"reserved"')],
  ])('%s still leads to exactly one booking', async (_, fits) => {
    const show = await openShow();
    setFateOnce('cuts', fits);
    const booking = await show.reserve({ best: { count: 2 } });
    expect(proxy.connectionCount).toBe(2);
    expect(await readBookingStatuses()).toEqual(['reserved']);
    await expectMatchesService(show, [booking]);
  });

  it('several times in a row still leads to exactly one booking', async () => {
    const show = await openShow();
    let cuts = 0;
    proxy.decideFate = ({ by, text }) =>
      by === 'server' && text.includes('"status":"reserved"') && cuts++ < 3 ? 'cuts' : 'passes';
    const booking = await show.reserve({ best: { count: 2 } });
    expect(cuts).toBeGreaterThanOrEqual(3);
    expect(await readBookingStatuses()).toEqual(['reserved']);
    await expectMatchesService(show, [booking]);
  });
});

describe('an answer that is lost while the connection stays open', () => {
  it('is requested again, so one reservation makes one booking', async () => {
    const show = await openShow();
    setFateOnce('is lost', ({ by, text }) => by === 'server' && text.includes('"status":"reserved"'));
    const booking = await show.reserve({ seats: [5] });
    expect(await readBookingStatuses()).toEqual(['reserved']);
    await expectMatchesService(show, [booking]);
  });
});

describe('a connection that is cut during a release', () => {
  it('releases the hold once and returns the result', async () => {
    const show = await openShow();
    const booking = await show.reserve({ seats: [1] });
    setFateOnce(
      'cuts',
      ({ by, text }) => by === 'server' && text.startsWith('43') && text.includes('"status":"released"'),
    );
    const released = await show.release(booking.bookingId);
    expect(released).toEqual({ ...booking, status: 'released', version: 2 });
    expect(proxy.connectionCount).toBeGreaterThan(1);
    await expectMatchesService(show, [released]);
  });
});

describe('a connection that is lost', () => {
  it('is restored, and the seat map and bookings are right, no matter what happened in the meantime', async () => {
    const usher = createClient();
    const show = usher.openShow(showId);
    const releasedBooking = await show.reserve({ seats: [1] });
    const kept = await show.reserve({ seats: [2] });
    const { token } = await usher.session();
    proxy.connectionsToRefuse = 2;
    proxy.disconnectAll();
    await waitForView(show, ({ connection }) => connection === 'reconnecting');
    const otherTab = await TestSocket.connect(app.url, { auth: { token } });
    const { booking: released } = await otherTab.ask('reservation:release', { bookingId: releasedBooking.bookingId });
    const { booking: created } = await otherTab.ask('reservation:create', { showId, seats: [3] });
    await holdAsNeighbour([50, 51]);
    // After the client has joined the show again, it asks for the hold that ended during the outage.
    await waitForView(show, ({ bookings }) => bookings.length === 3);
    expect(proxy.connectionsToRefuse).toBe(0);
    await expectMatchesService(show, [created, kept, released]);
    otherTab.close();
  });

  it('is retried until the service accepts it', async () => {
    proxy.connectionsToRefuse = 2;
    const show = createClient().openShow(showId);
    const reserved = show.reserve({ seats: [3] });
    expect(show.getSnapshot()).toMatchObject({ connection: 'connecting', version: 0, seatCount: 0 });
    const booking = await reserved;
    expect(proxy.connectionsToRefuse).toBe(0);
    await expectMatchesService(show, [booking]);
  });

  it('is restored within 2 s after the service is back, however long the outage was', async () => {
    const show = await openShow();
    const lastRefusal = new Promise<number>((resolve) => {
      // Ten refusals, which are five attempts over two transports each, are enough to reach the longest delay.
      proxy.connectionsToRefuse = 10;
      proxy.onRefusal = () => proxy.connectionsToRefuse === 0 && resolve(performance.now());
    });
    proxy.disconnectAll();
    await holdAsNeighbour([7]);
    const backAt = await lastRefusal;
    await waitForView(show, ({ connection, version }) => connection === 'live' && version === 1);
    expect(performance.now() - backAt).toBeLessThan(2_000);
  });

  it('ends a request with TIMEOUT after `requestTimeoutMs`', async () => {
    proxy.connectionsToRefuse = Infinity;
    const show = createClient({ requestTimeoutMs: 300 }).openShow(showId);
    await expect(show.reserve({ seats: [3] })).rejects.toMatchObject({ name: 'UsherError', code: 'TIMEOUT' });
    expect(await readBookingStatuses()).toEqual([]);
  });

  it('ends pending requests with NETWORK when the client closes, and is not opened again', async () => {
    const usher = createClient();
    const show = usher.openShow(showId);
    await show.ready;
    proxy.stall();
    const reserved = show.reserve({ seats: [3] });
    usher.close();
    await expect(reserved).rejects.toMatchObject({ name: 'UsherError', code: 'NETWORK' });
    expect(show.getSnapshot().connection).toBe('closed');
    expect(() => usher.openShow(showId)).toThrow('The client is closed');
    expect(proxy.connectionCount).toBe(1);
  });
});

describe('a connection that stalls', () => {
  it('is replaced if a request gets no answer', async () => {
    const show = await openShow();
    proxy.stall();
    const booking = await show.reserve({ seats: [4] });
    expect(proxy.connectionCount).toBe(2);
    await expectMatchesService(show, [booking]);
  });

  it('is replaced within 20 s even if the client sends nothing', async () => {
    const show = await openShow();
    proxy.stall();
    await holdAsNeighbour([60]);
    await waitForView(show, ({ seats }) => seats[60] === SeatStatus.held, 20_000);
    await expectMatchesService(show, []);
  });
});

describe('a lost message about seats', () => {
  const isDiff = ({ by, text }: Message): boolean => by === 'server' && text.includes('"seats:changed"');

  it('is made up for with a request when the next message shows the gap', async () => {
    const show = await openShow();
    setFateOnce('is lost', isDiff);
    await holdAsNeighbour([1]);
    await holdAsNeighbour([2]);
    const view = await waitForView(show, ({ version }) => version === 2, 2_000);
    expect([view.seats[1], view.seats[2]]).toEqual([SeatStatus.held, SeatStatus.held]);
    expect(proxy.connectionCount).toBe(1);
    await expectMatchesService(show, []);
  });

  it('is made up for with a request within 5 s if no message follows', async () => {
    const show = await openShow();
    setFateOnce('is lost', isDiff);
    await holdAsNeighbour([1]);
    await waitForView(show, ({ seats }) => seats[1] === SeatStatus.held, 5_000);
    expect(proxy.connectionCount).toBe(1);
    await expectMatchesService(show, []);
  });
});

describe('a service that restarts', () => {
  it('on the same database and port is found again, and the seat map is right within 2 s after the restart', async () => {
    const database = await createTestDatabase({ demo: false });
    const restartedPool = testPool(database.url, 1);
    showId = await makeShow(restartedPool);
    await restartedPool.end();
    const start = (port: string) => startTestService(testEnvironment(database.url, { PORT: port }));
    const first = await start('0');
    const show = createClient({ url: first.url }).openShow(showId);
    const booking = await show.reserve({ seats: [1, 2] });
    await first.close();
    await waitForView(show, ({ connection }) => connection === 'reconnecting');
    const serviceOnOtherPort = await start('0');
    const other = await TestSocket.connect(serviceOnOtherPort.url);
    await other.ask('reservation:create', { showId, seats: [70, 71] });
    other.close();
    await serviceOnOtherPort.close();
    const restarted = await start(new URL(first.url).port);
    const view = await waitForView(show, ({ connection, version }) => connection === 'live' && version === 2, 2_000);
    expect(view).toMatchObject({ counts: { held: 4 }, bookings: [booking] });
    await expectMatchesService(show, [booking], restarted.url);
    for (const usher of openClients.splice(0)) usher.close();
    await restarted.close();
    await database.drop();
  });
});
