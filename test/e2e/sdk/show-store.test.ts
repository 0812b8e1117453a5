import { describe, expect, it } from '@jest/globals';
import { secondsLeft, type ShowView } from '@usher/client';
import { decodeSeats, SeatStatus } from '@usher/contract';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { startApp } from '../../support/app.js';
import { setUpApp } from '../../support/file-app.js';
import { testEnvironment, testPool, whileLocked } from '../../support/database.js';
import { type Message, TestProxy } from '../../support/test-proxy.js';
import { createTokenStorage, sdkClients, waitForView } from '../../support/sdk.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';

const app = setUpApp({ env: { HOLD_SECONDS: '3' } });
const createClient = sdkClients(() => app.url);

/** Returns the seats of a show as the service reports them, in the form of a view. */
async function readSeatMap(showId: number): Promise<Pick<ShowView, 'version' | 'seatCount' | 'seats' | 'counts'>> {
  const { version, seatCount, seats, counts } = await createClient().catalog.seats(showId);
  return { version, seatCount, seats: decodeSeats(seats, seatCount), counts };
}

const countBookings = async (showId: number): Promise<number> => {
  const { rows } = await app.pool.query<{ n: number }>('select count(*)::int as n from booking where show_id = $1', [
    showId,
  ]);
  return rows[0]!.n;
};

describe('a show store', () => {
  it('has the same seat map as the server after changes by other clients', async () => {
    const showId = await makeShow(app.pool);
    const other = await TestSocket.connect(app.url);
    await other.ask('reservation:create', { showId, seats: [1, 2] });
    const show = createClient().openShow(showId);
    await show.ready;
    expect(show.getSnapshot()).toMatchObject({ ...(await readSeatMap(showId)), connection: 'live', error: null });
    const { booking } = await other.ask('reservation:create', { showId, seats: [50] });
    await waitForView(show, ({ seats }) => seats[50] === SeatStatus.held);
    await other.ask('reservation:release', { bookingId: booking.bookingId });
    await waitForView(show, ({ version }) => version === 3);
    expect(show.getSnapshot()).toMatchObject(await readSeatMap(showId));
    expect(show.getSnapshot().bookings).toEqual([]);
    other.close();
  });

  it('reserves and releases seats, and lists its bookings', async () => {
    const showId = await makeShow(app.pool);
    const show = createClient().openShow(showId);
    const booking = await show.reserve({ seats: [4, 5] });
    expect(booking).toMatchObject({ showId, status: 'reserved', version: 1 });
    await waitForView(show, ({ version, bookings }) => version === 1 && bookings.length === 1);
    expect(show.getSnapshot()).toMatchObject({ counts: { free: 98, held: 2 }, bookings: [booking] });
    const released = await show.release(booking.bookingId);
    expect(released).toEqual({ ...booking, status: 'released', version: 2 });
    await waitForView(show, ({ version }) => version === 2);
    expect(show.getSnapshot()).toMatchObject({ counts: { free: 100, held: 0 }, bookings: [released] });
  });

  it('reports every refusal as an UsherError with its code and the fields of that code', async () => {
    const showId = await makeShow(app.pool);
    const ownStore = createClient().openShow(showId);
    const foreignStore = createClient().openShow(showId);
    const booking = await foreignStore.reserve({ seats: [7] });
    const refusals = [
      [ownStore.reserve({ seats: [6, 7] }), { code: 'SEATS_TAKEN', body: { seats: [7] } }],
      [ownStore.reserve({ seats: [8, 8] }), { code: 'INVALID_SEATS', body: { limit: 10 } }],
      [ownStore.reserve({ seats: [100] }), { code: 'INVALID_SEATS' }],
      [ownStore.release(booking.bookingId), { code: 'FORBIDDEN' }],
      [ownStore.release(uuidv7()), { code: 'NOT_FOUND', body: { what: 'booking' } }],
    ] as const;
    for (const [refusal, error] of refusals) {
      await expect(refusal).rejects.toMatchObject({ name: 'UsherError', ...error });
    }
    await foreignStore.release(booking.bookingId);
    await expect(foreignStore.release(booking.bookingId)).rejects.toMatchObject({
      code: 'BOOKING_STATE',
      body: { bookingStatus: 'released' },
    });
    expect(await countBookings(showId)).toBe(1);
  });

  it('of a show that does not exist closes with NOT_FOUND, while other stores continue', async () => {
    const usher = createClient();
    const otherStore = usher.openShow(await makeShow(app.pool));
    const storeOfMissingShow = usher.openShow(2_000_000_000);
    await expect(storeOfMissingShow.ready).rejects.toMatchObject({ name: 'UsherError', code: 'NOT_FOUND' });
    expect(storeOfMissingShow.getSnapshot()).toMatchObject({ connection: 'closed', error: { code: 'NOT_FOUND' } });
    await expect(storeOfMissingShow.reserve({ seats: [1] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(otherStore.reserve({ seats: [1] })).resolves.toMatchObject({ status: 'reserved' });
  });

  it('can be opened again immediately after it was closed', async () => {
    const usher = createClient();
    const showId = await makeShow(app.pool);
    const first = usher.openShow(showId);
    await first.ready;
    first.close();
    const second = usher.openShow(showId);
    await second.ready;
    const other = await TestSocket.connect(app.url);
    await other.ask('reservation:create', { showId, seats: [3] });
    await waitForView(second, ({ seats }) => seats[3] === SeatStatus.held);
    expect(first.getSnapshot()).toMatchObject({ connection: 'closed', version: 0 });
    other.close();
  });
});

describe('a hold in the SDK', () => {
  it('counts down by the server’s clock, and its owner and other clients see it expire', async () => {
    const showId = await makeShow(app.pool);
    const [usher, watcher] = [createClient(), createClient()];
    const [show, watchingStore] = [usher.openShow(showId), watcher.openShow(showId)];
    await Promise.all([show.ready, watchingStore.ready]);
    const booking = await show.reserve({ seats: [9] });
    expect(secondsLeft(booking, usher.serverNow())).toBe(3);
    const { rows } = await app.pool.query<{ now: number }>(
      'select (extract(epoch from clock_timestamp()) * 1000)::float8 as now',
    );
    expect(Math.abs(usher.serverNow() - rows[0]!.now)).toBeLessThan(100);
    await waitForView(watchingStore, ({ seats }) => seats[9] === SeatStatus.held);
    const ended = await waitForView(show, ({ bookings, seats }) => bookings[0]?.status === 'expired' && seats[9] === 0);
    expect(secondsLeft(booking, usher.serverNow())).toBe(0);
    expect(secondsLeft(ended.bookings[0]!, usher.serverNow())).toBeNull();
    await waitForView(watchingStore, ({ seats }) => seats[9] === SeatStatus.free);
  });

  it('appears in every client of its session and in no other client', async () => {
    const showId = await makeShow(app.pool);
    const usher = createClient();
    const { token } = await usher.session();
    const show = usher.openShow(showId);
    const [tab, stranger] = [createClient({ token }).openShow(showId), createClient().openShow(showId)];
    await Promise.all([tab.ready, stranger.ready]);
    const booking = await show.reserve({ best: { count: 2 } });
    await waitForView(tab, ({ bookings }) => bookings.some(({ bookingId }) => bookingId === booking.bookingId));
    await expect(tab.release(booking.bookingId)).resolves.toMatchObject({ status: 'released' });
    await waitForView(show, ({ bookings }) => bookings[0]?.status === 'released');
    await waitForView(stranger, ({ version }) => version === 2);
    expect(stranger.getSnapshot().bookings).toEqual([]);
  });
});

describe('an SDK client that can only use long polling', () => {
  it('receives changes and reserves seats like other clients', async () => {
    const showId = await makeShow(app.pool);
    const show = createClient({ transports: ['polling'] }).openShow(showId);
    await show.ready;
    const other = await TestSocket.connect(app.url);
    await other.ask('reservation:create', { showId, seats: [1] });
    await waitForView(show, ({ seats }) => seats[1] === SeatStatus.held);
    await expect(show.reserve({ seats: [1] })).rejects.toMatchObject({ code: 'SEATS_TAKEN' });
    await show.reserve({ seats: [2] });
    await waitForView(show, ({ version, bookings }) => version === 2 && bookings.length === 1);
    expect(show.getSnapshot()).toMatchObject(await readSeatMap(showId));
    other.close();
  });

  it('detects by itself that the network blocks WebSockets', async () => {
    const showId = await makeShow(app.pool);
    const proxy = await TestProxy.start(app.url);
    proxy.isBlockingWebSockets = true;
    const show = createClient({ url: proxy.url }).openShow(showId);
    await waitForView(show, ({ connection }) => connection === 'live', 20_000);
    const other = await TestSocket.connect(app.url);
    await other.ask('reservation:create', { showId, seats: [1] });
    await waitForView(show, ({ seats }) => seats[1] === SeatStatus.held);
    expect(show.getSnapshot()).toMatchObject(await readSeatMap(showId));
    other.close();
    await proxy.close();
  });
});

describe('a stored token', () => {
  const secret = new TextEncoder().encode(testEnvironment('')['SESSION_SECRET']);
  const sign = (key: Uint8Array, expiresAt: string) =>
    new SignJWT({ sub: uuidv7(), aud: 'usher-session' })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime(expiresAt)
      .sign(key);

  it.each([
    ['expired', () => sign(secret, '-1 minute')],
    ['forged', () => sign(secret.toReversed(), '1 hour')],
    ['broken', () => 'x'.repeat(10_000)],
  ])('is replaced by a new token, which is then stored, if it is %s', async (_, createToken) => {
    const storage = createTokenStorage(await createToken());
    const old = storage.token;
    const usher = createClient({ storage });
    const show = usher.openShow(await makeShow(app.pool));
    await show.ready;
    expect(show.getSnapshot()).toMatchObject({ connection: 'live', error: null });
    expect(storage.token).not.toBe(old);
    expect(await usher.session()).toMatchObject({ token: storage.token });
    await expect(show.reserve({ seats: [1] })).resolves.toMatchObject({ status: 'reserved' });
  });

  it('brings the bookings back on the next visit if it is valid', async () => {
    const showId = await makeShow(app.pool);
    const validToken = await sign(secret, '30 days');
    const storage = createTokenStorage(validToken);
    const before = createClient({ storage });
    const booking = await before.openShow(showId).reserve({ seats: [1] });
    before.close();
    const show = createClient({ storage }).openShow(showId);
    await show.ready;
    expect(show.getSnapshot().bookings).toEqual([booking]);
    expect(storage.token).toBe(validToken);
  });
});

describe('a busy show', () => {
  it('gets the request again with the same key until it answers, and only one booking is made', async () => {
    const showId = await makeShow(app.pool);
    const proxy = await TestProxy.start(app.url);
    const heardBusy = new Promise<void>((resolve) => {
      proxy.decideFate = ({ by, text }: Message) => {
        if (by === 'server' && text.includes('"BUSY"')) resolve();
        return 'passes';
      };
    });
    const show = createClient({ url: proxy.url }).openShow(showId);
    await show.ready;
    const { reserved } = await whileLocked(app.pool, showId, async () => {
      const call = show.reserve({ seats: [1, 2] });
      await heardBusy;
      expect(await countBookings(showId)).toBe(0);
      return { reserved: call };
    });
    await expect(reserved).resolves.toMatchObject({ status: 'reserved', version: 1 });
    expect(await countBookings(showId)).toBe(1);
    await waitForView(show, ({ counts }) => counts.held === 2);
    await proxy.close();
  });
});

describe('two show stores of two clients', () => {
  const callers = 4;
  const step = fc.record({
    caller: fc.nat(callers - 1),
    count: fc.integer({ min: 1, max: 3 }),
    isRelease: fc.boolean(),
  });
  type Step = { caller: number; count: number; isRelease: boolean };

  /** Makes one change per step: releases the oldest hold or reserves the best seats. */
  async function makeChanges(socket: TestSocket, showId: number, steps: Step[]): Promise<void> {
    const held: string[] = [];
    for (const { count, isRelease } of steps) {
      const bookingId = isRelease || held.length === 3 ? held.shift() : undefined;
      if (bookingId !== undefined) await socket.ask('reservation:release', { bookingId });
      else held.push((await socket.ask('reservation:create', { showId, best: { count } })).booking.bookingId);
    }
  }

  /**
   * Lets two clients follow a show while the steps change it. The second client loses every third message about seats.
   */
  async function follow(url: string, steps: Step[], showId: number): Promise<void> {
    const proxy = await TestProxy.start(url);
    let diffs = 0;
    proxy.decideFate = ({ by, text }) =>
      by === 'server' && text.includes('"seats:changed"') && ++diffs % 3 === 0 ? 'is lost' : 'passes';
    const usher = createClient({ url });
    const shows = [usher.openShow(showId), createClient({ url: proxy.url }).openShow(showId)];
    await Promise.all(shows.map(({ ready }) => ready));
    const seen = shows.map((show) => {
      const versions: number[] = [];
      show.subscribe(() => versions.push(show.getSnapshot().version));
      return versions;
    });
    const sockets = await Promise.all(Array.from({ length: callers }, () => TestSocket.connect(url)));
    await Promise.all(
      sockets.map((socket, index) =>
        makeChanges(
          socket,
          showId,
          steps.filter(({ caller }) => caller === index),
        ),
      ),
    );
    const { version, seatCount, seats, counts } = await usher.catalog.seats(showId);
    const views = await Promise.all(shows.map((show) => waitForView(show, (view) => view.version === version, 5_000)));
    for (const view of views) expect(view).toMatchObject({ version, counts, seats: decodeSeats(seats, seatCount) });
    for (const versions of seen) expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    expect(diffs).toBeGreaterThan(3);
    for (const socket of sockets) socket.close();
    await proxy.close();
  }

  it('follow 200 random changes and end with the same seat map as the service, even if one client loses messages', async () => {
    const appWithLongHolds = await startApp({ demo: false });
    const steadyPool = testPool(appWithLongHolds.databaseUrl, 1);
    const stepLists = fc.array(step, { minLength: 200, maxLength: 200, size: 'max' });
    const followsSteps = fc.asyncProperty(stepLists, async (steps) =>
      follow(appWithLongHolds.url, steps, await makeShow(steadyPool)),
    );
    await fc.assert(followsSteps, { numRuns: 1, endOnFailure: true });
    createClient.closeAll();
    await steadyPool.end();
    await appWithLongHolds.close();
  });
});
