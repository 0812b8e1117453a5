import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ShowStore, ShowView } from '@usher/client';
import fc from 'fast-check';
import type pg from 'pg';
import { startApp, type TestApp } from '../../support/app.js';
import { testPool } from '../../support/database.js';
import { TestProxy } from '../../support/proxy.js';
import { sdkClients, until } from '../../support/sdk.js';
import { makeShow } from '../../support/show.js';

let app: TestApp;
let pool: pg.Pool;
let proxy: TestProxy;
const usherOf = sdkClients(() => app.url);

beforeAll(async () => {
  app = await startApp({ demo: false, env: { HOLD_SECONDS: '4' } });
  pool = testPool(app.databaseUrl, 2);
  proxy = await TestProxy.start(app.url);
});

afterEach(() => {
  proxy.fate = () => 'passes';
});

afterAll(async () => {
  await proxy.close();
  await pool.end();
  await app.close();
});

/** A store of a client of its own, with its first map or its place in the waiting room. */
async function storeOf(showId: number, url = app.url): Promise<ShowStore> {
  const show = usherOf({ url }).openShow(showId);
  await show.ready;
  return show;
}

/** A show of four seats, all held by one client. */
async function fullShow(): Promise<{ showId: number; holder: ShowStore; bookingIds: string[] }> {
  const showId = await makeShow(pool, { rows: 1, seatsPerRow: 4 });
  const holder = await storeOf(showId);
  const holds = await Promise.all([holder.reserve({ seats: [0, 1] }), holder.reserve({ seats: [2, 3] })]);
  return { showId, holder, bookingIds: holds.map(({ bookingId }) => bookingId) };
}

const aheadIs =
  (ahead: number) =>
  ({ queue }: ShowView): boolean =>
    queue?.ahead === ahead;

describe('two clients of one session', () => {
  const twoTabs = async (showId: number) => {
    const first = usherOf();
    const { token } = await first.session();
    const second = usherOf({ token });
    const tabs = [first.openShow(showId), second.openShow(showId)] as const;
    await Promise.all(tabs.map(({ ready }) => ready));
    return tabs;
  };

  it('wait for seats together, and one leaves for both', async () => {
    const { showId } = await fullShow();
    const [here, there] = await twoTabs(showId);
    const queue = await here.joinLine({ partySize: 1 });
    expect((await until(there, (view) => view.queue !== null)).queue).toMatchObject({ ticket: queue!.ticket });
    const other = await storeOf(showId);
    await other.joinLine({ partySize: 1 });
    // The second one hears the line, too.
    await until(there, (view) => view.queue?.waiting === 2);
    await here.leaveLine();
    expect(await until(there, (view) => view.queue === null)).toMatchObject({ access: 'open', lineEnd: null });
  });

  it('leave the waiting room together', async () => {
    const showId = await makeShow(pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
    await storeOf(showId);
    const [here, there] = await twoTabs(showId);
    expect([here, there].map((tab) => tab.getSnapshot().access)).toEqual(['waiting', 'waiting']);
    const { ticket } = here.getSnapshot().queue!;
    await here.leaveLine();
    expect(await until(there, ({ access }) => access === 'out')).toMatchObject({ queue: null, lineEnd: null });
    there.enter();
    await until(here, ({ access }) => access === 'waiting');
    expect(here.getSnapshot().queue).toMatchObject({ line: 'entry', ticket: ticket + 1 });
  });
});

describe('waiting for seats', () => {
  it('keeps a place exact while others join and leave, and turns it into an offer', async () => {
    const { showId, holder, bookingIds } = await fullShow();
    const [ada, ben, cem] = [await storeOf(showId), await storeOf(showId), await storeOf(showId)];
    for (const one of [ada, ben, cem]) await one.joinLine({ partySize: 2 });
    expect([ada, ben, cem].map((one) => one.getSnapshot().queue?.ahead)).toEqual([0, 1, 2]);
    await until(ada, ({ queue }) => queue?.waiting === 3);

    await ben.leaveLine();
    expect(ben.getSnapshot()).toMatchObject({ access: 'open', queue: null, lineEnd: null });
    await until(cem, aheadIs(1));
    await until(ada, ({ queue }) => queue?.waiting === 2 && queue.ahead === 0);

    await holder.release(bookingIds[0]!);
    const { offer } = await until(ada, (view) => view.offer !== null);
    expect(offer).toMatchObject({ showId, status: 'reserved', seats: [{ seat: 0 }, { seat: 1 }] });
    expect(ada.getSnapshot()).toMatchObject({ queue: null, lineEnd: null, bookings: [offer] });
    await until(cem, aheadIs(0));

    await ada.release(offer!.bookingId);
    expect(ada.getSnapshot()).toMatchObject({ queue: null, offer: null, bookings: [{ status: 'released' }] });
    await until(cem, (view) => view.offer !== null);
  });

  it('says that an offer lapsed', async () => {
    const { showId, holder, bookingIds } = await fullShow();
    const ada = await storeOf(showId);
    await ada.joinLine({ partySize: 1 });
    await holder.release(bookingIds[0]!);
    await until(ada, ({ offer }) => offer !== null);
    const { lineEnd } = await until(ada, (view) => view.offer === null && view.lineEnd !== null);
    expect(lineEnd).toEqual({ line: 'seats', reason: 'offerLapsed' });
    expect(ada.getSnapshot().bookings).toMatchObject([{ status: 'expired' }]);
  });

  it('answers the same place again, also after the connection was lost', async () => {
    const { showId } = await fullShow();
    const first = await storeOf(showId);
    await first.joinLine({ partySize: 2 });
    const ada = await storeOf(showId, proxy.url);
    const place = await ada.joinLine({ partySize: 2 });
    expect(await ada.joinLine({ partySize: 1 })).toMatchObject({ ticket: place?.ticket, partySize: 2 });
    proxy.cut();
    await until(ada, ({ connection }) => connection === 'reconnecting');
    await first.leaveLine();
    await until(ada, (view) => view.connection === 'live' && view.queue?.ticket === place?.ticket && aheadIs(0)(view));
  });

  it('makes an offer of the hold that it finds when it comes back', async () => {
    const { showId, holder, bookingIds } = await fullShow();
    const ada = await storeOf(showId, proxy.url);
    await ada.joinLine({ partySize: 2 });
    proxy.fate = ({ text }) => (text.includes('queue:offer') ? 'cuts' : 'passes');
    await holder.release(bookingIds[0]!);
    await until(ada, ({ connection }) => connection === 'reconnecting');
    const { offer } = await until(ada, (view) => view.connection === 'live' && view.offer !== null);
    expect(offer).toMatchObject({ status: 'reserved' });
  });

  it('finds out by itself that a broadcast was lost', async () => {
    const { showId } = await fullShow();
    const others = await Promise.all(Array.from({ length: 3 }, () => storeOf(showId)));
    for (const one of others) await one.joinLine({ partySize: 2 });
    const ada = await storeOf(showId, proxy.url);
    await ada.joinLine({ partySize: 2 });
    let lost = 0;
    proxy.fate = ({ text }) => (text.includes('queue:moved') && lost++ === 0 ? 'is lost' : 'passes');
    await others[0]!.leaveLine();
    await until(others[1]!, aheadIs(0));
    await others[1]!.leaveLine();
    await until(ada, aheadIs(1));
    expect(lost).toBeGreaterThan(0);
  });

  it('is exactly the tables’ at the end, though others came and went and every third broadcast was lost', async () => {
    const { showId } = await fullShow();
    let told = 0;
    proxy.fate = ({ text }) => (text.includes('queue:moved') && ++told % 3 === 0 ? 'is lost' : 'passes');
    const all = await Promise.all(Array.from({ length: 12 }, () => storeOf(showId, proxy.url)));
    for (const one of all) await one.joinLine({ partySize: 2 });
    const seed = Date.now();
    console.log(`seed ${seed}`);
    const random = fc.sample(fc.nat(all.length - 1), { numRuns: 40, seed });
    for (const at of random) {
      const one = all[at]!;
      await (one.getSnapshot().queue === null ? one.joinLine({ partySize: 2 }) : one.leaveLine());
    }
    // What was lost last shows with the next broadcast.
    proxy.fate = () => 'passes';
    await (await storeOf(showId)).joinLine({ partySize: 1 });
    const inLine = all.filter((one) => one.getSnapshot().queue !== null);
    const tickets = inLine.map((one) => one.getSnapshot().queue?.ticket ?? 0).toSorted((a, b) => a - b);
    const { rows } = await pool.query<{ ticket: number }>(
      "select ticket from waiter where show_id = $1 and line = 'seats' and waits order by ticket",
      [showId],
    );
    expect(rows.slice(0, -1).map(({ ticket }) => ticket)).toEqual(tickets);
    for (const one of inLine) {
      const ahead = tickets.indexOf(one.getSnapshot().queue?.ticket ?? 0);
      await until(one, (view) => view.queue?.ahead === ahead && view.queue.waiting === tickets.length + 1);
    }
  });

  it('is offered seats at once where some are free, whichever of answer and offer comes first', async () => {
    const showId = await makeShow(pool, { rows: 1, seatsPerRow: 4 });
    const ada = await storeOf(showId);
    await ada.joinLine({ partySize: 2 });
    const { offer } = await until(ada, (view) => view.offer !== null && view.queue === null);
    expect(offer?.seats).toHaveLength(2);
  });

  it('refuses what cannot be served with the contract’s code, the line untouched', async () => {
    const { showId } = await fullShow();
    const ada = await storeOf(showId);
    await expect(ada.joinLine({ partySize: 11 })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(ada.joinLine({ partySize: 5 })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(ada.joinLine({ partySize: 1, tiers: ['royal'] })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    expect(await ada.joinLine({ partySize: 1 })).toMatchObject({ ticket: 1, ahead: 0 });
  });
});

describe('the waiting room', () => {
  const meteredShow = (shopSeconds: number | null = null) =>
    makeShow(pool, { waitingRoom: { mode: 'on', maxShoppers: 1, shopSeconds } });

  it('opens the show by itself when it is our turn', async () => {
    const showId = await meteredShow();
    const ada = await storeOf(showId);
    await until(ada, ({ access, seatCount }) => access === 'open' && seatCount === 100);
    const ben = await storeOf(showId);
    expect(ben.getSnapshot()).toMatchObject({
      connection: 'live',
      access: 'waiting',
      seatCount: 0,
      queue: { line: 'entry', ahead: 0, waiting: 1 },
    });
    await expect(ben.reserve({ seats: [1] })).rejects.toMatchObject({ code: 'NOT_ADMITTED' });
    ada.close();
    const view = await until(ben, ({ access, seatCount }) => access === 'open' && seatCount === 100);
    expect(view).toMatchObject({ queue: null, lineEnd: null });
    await expect(ben.reserve({ seats: [1] })).resolves.toMatchObject({ status: 'reserved' });
  });

  it('lets in again who leaves and comes back at once, though the word of the end is on its way', async () => {
    const showId = await meteredShow();
    const usher = usherOf();
    for (let round = 0; round < 10; round++) {
      const show = usher.openShow(showId);
      await until(show, ({ access, seatCount }) => access === 'open' && seatCount === 100);
      show.close();
    }
    const show = usher.openShow(showId);
    await until(show, ({ access, seatCount }) => access === 'open' && seatCount === 100);
    expect(show.getSnapshot().lineEnd).toBeNull();
  });

  it('holds nobody up once the sale is over', async () => {
    const startsAt = new Date(Date.now() - 60_000);
    const showId = await makeShow(pool, { startsAt, waitingRoom: { mode: 'on' } });
    const show = await storeOf(showId);
    expect(show.getSnapshot()).toMatchObject({ connection: 'live', access: 'open', seatCount: 100, queue: null });
    await expect(show.joinLine({ partySize: 1 })).rejects.toMatchObject({ code: 'SALE_CLOSED' });
  });

  it('tells of a turn also where the show is not open', async () => {
    const showId = await meteredShow();
    const ada = await storeOf(showId);
    const usher = usherOf();
    const ben = usher.openShow(showId);
    await ben.ready;
    const told = new Promise((resolve) => usher.onLine(resolve));
    ben.close();
    ada.close();
    expect(await told).toMatchObject({ type: 'admitted', showId, until: expect.any(String) });
  });

  it('stays in line over a lost connection', async () => {
    const showId = await meteredShow();
    const ada = await storeOf(showId);
    const [ben, cem] = [await storeOf(showId, proxy.url), await storeOf(showId)];
    const ticket = ben.getSnapshot().queue?.ticket;
    proxy.cut();
    await until(ben, ({ connection }) => connection === 'reconnecting');
    await until(ben, ({ connection, queue }) => connection === 'live' && queue?.ticket === ticket);
    expect(cem.getSnapshot().queue?.ahead).toBe(1);
    ada.close();
    await until(ben, ({ access }) => access === 'open');
    await until(cem, aheadIs(0));
  });

  it('lets nobody back into the line who left it, until they ask', async () => {
    const showId = await meteredShow();
    const ada = await storeOf(showId);
    const ben = await storeOf(showId, proxy.url);
    await ben.leaveLine();
    expect(ben.getSnapshot()).toMatchObject({ access: 'out', queue: null, lineEnd: null });
    proxy.cut();
    await until(ben, ({ connection }) => connection === 'reconnecting');
    await until(ben, ({ connection }) => connection === 'live');
    expect(await usherOf().lines.read(showId)).toBeNull();
    expect(ben.getSnapshot()).toMatchObject({ access: 'out', queue: null });
    ben.enter();
    const { queue } = await until(ben, (view) => view.queue !== null);
    expect(queue).toMatchObject({ ticket: 3, ahead: 0 });
    ada.close();
    await until(ben, ({ access, seatCount }) => access === 'open' && seatCount > 0);
  });

  it('tells the end of a stay, keeps what is held, and comes in again on demand', async () => {
    const showId = await meteredShow(1);
    const ada = await storeOf(showId);
    const booking = await ada.reserve({ seats: [5] });
    const ben = await storeOf(showId);
    const out = await until(ada, ({ access }) => access === 'out');
    expect(out).toMatchObject({ lineEnd: { line: 'entry', reason: 'stayEnded' }, seatCount: 0, bookings: [booking] });
    await until(ben, ({ access }) => access === 'open');
    ada.enter();
    const again = await until(ada, ({ access, queue, seatCount }) => (access === 'waiting' ? !!queue : seatCount > 0));
    expect(again.lineEnd).toBeNull();
    await until(ada, ({ access, seatCount }) => access === 'open' && seatCount > 0);
  });

  it('gathers those who come before the sale opens, draws their places, and lets the first in', async () => {
    const saleOpensAt = new Date(Date.now() + 3_000);
    const showId = await makeShow(pool, { saleOpensAt, waitingRoom: { mode: 'on', maxShoppers: 1 } });
    const all = [await storeOf(showId), await storeOf(showId), await storeOf(showId)];
    for (const one of all) {
      expect(one.getSnapshot()).toMatchObject({ access: 'waiting', queue: { place: null, ahead: null } });
    }
    await until(all[0]!, ({ queue }) => queue?.waiting === 3);
    await Promise.all(all.map((one) => until(one, ({ access, queue }) => access === 'open' || queue?.place !== null)));
    const first = await new Promise<ShowStore>((resolve) => {
      for (const one of all) {
        const look = (): void => {
          if (one.getSnapshot().seatCount > 0) resolve(one);
        };
        one.subscribe(look);
        look();
      }
    });
    const rest = all.filter((one) => one !== first);
    await Promise.all(rest.map((one) => until(one, ({ queue }) => (queue?.ahead ?? 9) < 2 && queue?.waiting === 2)));
    const places = rest.map((one) => one.getSnapshot().queue?.place);
    expect(new Set(places)).toEqual(new Set([2, 3]));
  });
});

describe('the lines over REST', () => {
  it('join, wait for a change, and leave', async () => {
    const { showId } = await fullShow();
    const [ada, ben] = [usherOf().lines, usherOf().lines];
    await ada.join(showId, { partySize: 2 });
    const place = await ben.join(showId, { partySize: 2 });
    expect(place).toMatchObject({ line: 'seats', ticket: 2, ahead: 1 });
    const waiting = ben.read(showId, { wait: 25, ...(place.ahead !== null && { ahead: place.ahead }) });
    await ada.leave(showId);
    expect(await waiting).toMatchObject({ ticket: 2, ahead: 0 });
    expect(await ada.read(showId)).toBeNull();
    await ben.leave(showId);
    expect(await ben.read(showId, { wait: 25 })).toBeNull();
  });

  it('gives up waiting when the caller does', async () => {
    const { showId } = await fullShow();
    const { lines } = usherOf();
    const { ahead } = await lines.join(showId, { partySize: 2 });
    const wish = new AbortController();
    const waiting = lines.read(showId, { wait: 25, ...(ahead !== null && { ahead }), signal: wish.signal });
    wish.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'NETWORK' });
  });

  it('begin a new session where the kept one is no good any more', async () => {
    const { showId } = await fullShow();
    const kept: string[] = [];
    const storage = { get: () => 'a token of long ago', set: (token: string) => void kept.push(token) };
    const usher = usherOf({ storage });
    expect(await usher.lines.join(showId, { partySize: 1 })).toMatchObject({ ticket: 1 });
    expect(kept).toEqual(['', (await usher.session()).token]);
  });

  it('take a browser’s push subscription, and take it back', async () => {
    const { push } = usherOf();
    expect(await push.key()).toMatch(/^[\w-]{87}$/);
    const keys = {
      p256dh: 'BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM',
      auth: 'tBHItJI5svbpez7KI4CCXg',
    };
    const subscription = { endpoint: 'https://push.example.com/a', expirationTime: null, keys };
    const count = async () =>
      (await pool.query<{ n: number }>('select count(*)::int as n from push_subscription')).rows[0]!.n;
    await push.subscribe(subscription);
    expect(await count()).toBe(1);
    await push.unsubscribe(subscription);
    expect(await count()).toBe(0);
  });
});
