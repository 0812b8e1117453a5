import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ShowStore, ShowView } from '@usher/client';
import fc from 'fast-check';
import { setUpApp } from '../../support/file-app.js';
import { TestProxy } from '../../support/test-proxy.js';
import { sdkClients, waitForView } from '../../support/sdk.js';
import { makeShow } from '../../support/show.js';

const app = setUpApp({ env: { HOLD_SECONDS: '4' } });
let proxy: TestProxy;
const createClient = sdkClients(() => app.url);

beforeAll(async () => {
  proxy = await TestProxy.start(app.url);
});

afterEach(() => {
  proxy.decideFate = () => 'passes';
});

afterAll(async () => {
  await proxy.close();
});

/** Opens a show with a new client and waits for its first seat map or its place in the waiting room. */
async function openStore(showId: number, url = app.url): Promise<ShowStore> {
  const show = createClient({ url }).openShow(showId);
  await show.ready;
  return show;
}

/** Creates a show of four seats that one client holds. */
async function createFullShow(): Promise<{ showId: number; holder: ShowStore; bookingIds: string[] }> {
  const showId = await makeShow(app.pool, { rows: 1, seatsPerRow: 4 });
  const holder = await openStore(showId);
  const holds = await Promise.all([holder.reserve({ seats: [0, 1] }), holder.reserve({ seats: [2, 3] })]);
  return { showId, holder, bookingIds: holds.map(({ bookingId }) => bookingId) };
}

const isAhead =
  (ahead: number) =>
  ({ queue }: ShowView): boolean =>
    queue?.ahead === ahead;

describe('two clients of one session', () => {
  const openTwoTabs = async (showId: number) => {
    const first = createClient();
    const { token } = await first.session();
    const second = createClient({ token });
    const tabs = [first.openShow(showId), second.openShow(showId)] as const;
    await Promise.all(tabs.map(({ ready }) => ready));
    return tabs;
  };

  it('wait for seats together, and one of them leaves for both', async () => {
    const { showId } = await createFullShow();
    const [here, there] = await openTwoTabs(showId);
    const queue = await here.joinLine({ partySize: 1 });
    expect((await waitForView(there, (view) => view.queue !== null)).queue).toMatchObject({ ticket: queue!.ticket });
    const other = await openStore(showId);
    await other.joinLine({ partySize: 1 });
    // The second client hears the line as well.
    await waitForView(there, (view) => view.queue?.waiting === 2);
    await here.leaveLine();
    expect(await waitForView(there, (view) => view.queue === null)).toMatchObject({ access: 'open', lineEnd: null });
  });

  it('leave the waiting room together', async () => {
    const showId = await makeShow(app.pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
    await openStore(showId);
    const [here, there] = await openTwoTabs(showId);
    expect([here, there].map((tab) => tab.getSnapshot().access)).toEqual(['waiting', 'waiting']);
    const { ticket } = here.getSnapshot().queue!;
    await here.leaveLine();
    expect(await waitForView(there, ({ access }) => access === 'out')).toMatchObject({ queue: null, lineEnd: null });
    there.enter();
    await waitForView(here, ({ access }) => access === 'waiting');
    expect(here.getSnapshot().queue).toMatchObject({ line: 'entry', ticket: ticket + 1 });
  });
});

describe('waiting for seats in the SDK', () => {
  it('shows the exact place while others join and leave, until the place turns into an offer', async () => {
    const { showId, holder, bookingIds } = await createFullShow();
    const [ada, ben, cem] = [await openStore(showId), await openStore(showId), await openStore(showId)];
    for (const client of [ada, ben, cem]) await client.joinLine({ partySize: 2 });
    expect([ada, ben, cem].map((client) => client.getSnapshot().queue?.ahead)).toEqual([0, 1, 2]);
    await waitForView(ada, ({ queue }) => queue?.waiting === 3);

    await ben.leaveLine();
    expect(ben.getSnapshot()).toMatchObject({ access: 'open', queue: null, lineEnd: null });
    await waitForView(cem, isAhead(1));
    await waitForView(ada, ({ queue }) => queue?.waiting === 2 && queue.ahead === 0);

    await holder.release(bookingIds[0]!);
    const { offer } = await waitForView(ada, (view) => view.offer !== null);
    expect(offer).toMatchObject({ showId, status: 'reserved', seats: [{ seat: 0 }, { seat: 1 }] });
    expect(ada.getSnapshot()).toMatchObject({ queue: null, lineEnd: null, bookings: [offer] });
    await waitForView(cem, isAhead(0));

    await ada.release(offer!.bookingId);
    expect(ada.getSnapshot()).toMatchObject({ queue: null, offer: null, bookings: [{ status: 'released' }] });
    await waitForView(cem, (view) => view.offer !== null);
  });

  it('ends with the reason when an offer lapses', async () => {
    const { showId, holder, bookingIds } = await createFullShow();
    const ada = await openStore(showId);
    await ada.joinLine({ partySize: 1 });
    await holder.release(bookingIds[0]!);
    await waitForView(ada, ({ offer }) => offer !== null);
    const { lineEnd } = await waitForView(ada, (view) => view.offer === null && view.lineEnd !== null);
    expect(lineEnd).toEqual({ line: 'seats', reason: 'offerLapsed' });
    expect(ada.getSnapshot().bookings).toMatchObject([{ status: 'expired' }]);
  });

  it('keeps the place when the client joins again or loses its connection', async () => {
    const { showId } = await createFullShow();
    const first = await openStore(showId);
    await first.joinLine({ partySize: 2 });
    const ada = await openStore(showId, proxy.url);
    const place = await ada.joinLine({ partySize: 2 });
    expect(await ada.joinLine({ partySize: 1 })).toMatchObject({ ticket: place?.ticket, partySize: 2 });
    proxy.disconnectAll();
    await waitForView(ada, ({ connection }) => connection === 'reconnecting');
    await first.leaveLine();
    await waitForView(
      ada,
      (view) => view.connection === 'live' && view.queue?.ticket === place?.ticket && isAhead(0)(view),
    );
  });

  it('shows a hold as an offer when the client finds it after a reconnect', async () => {
    const { showId, holder, bookingIds } = await createFullShow();
    const ada = await openStore(showId, proxy.url);
    await ada.joinLine({ partySize: 2 });
    proxy.decideFate = ({ text }) => (text.includes('queue:offer') ? 'cuts' : 'passes');
    await holder.release(bookingIds[0]!);
    await waitForView(ada, ({ connection }) => connection === 'reconnecting');
    const { offer } = await waitForView(ada, (view) => view.connection === 'live' && view.offer !== null);
    expect(offer).toMatchObject({ status: 'reserved' });
  });

  it('detects a lost broadcast by itself', async () => {
    const { showId } = await createFullShow();
    const others = await Promise.all(Array.from({ length: 3 }, () => openStore(showId)));
    for (const client of others) await client.joinLine({ partySize: 2 });
    const ada = await openStore(showId, proxy.url);
    await ada.joinLine({ partySize: 2 });
    let lost = 0;
    proxy.decideFate = ({ text }) => (text.includes('queue:moved') && lost++ === 0 ? 'is lost' : 'passes');
    await others[0]!.leaveLine();
    await waitForView(others[1]!, isAhead(0));
    await others[1]!.leaveLine();
    await waitForView(ada, isAhead(1));
    expect(lost).toBeGreaterThan(0);
  });

  it('ends like the tables, although others join and leave and every third broadcast is lost', async () => {
    const { showId } = await createFullShow();
    let broadcasts = 0;
    proxy.decideFate = ({ text }) => (text.includes('queue:moved') && ++broadcasts % 3 === 0 ? 'is lost' : 'passes');
    const stores = await Promise.all(Array.from({ length: 12 }, () => openStore(showId, proxy.url)));
    for (const client of stores) await client.joinLine({ partySize: 2 });
    const seed = Date.now();
    console.log(`seed ${seed}`);
    const random = fc.sample(fc.nat(stores.length - 1), { numRuns: 40, seed });
    for (const index of random) {
      const client = stores[index]!;
      await (client.getSnapshot().queue === null ? client.joinLine({ partySize: 2 }) : client.leaveLine());
    }
    // The next broadcast reveals the last lost one.
    proxy.decideFate = () => 'passes';
    await (await openStore(showId)).joinLine({ partySize: 1 });
    const inLine = stores.filter((client) => client.getSnapshot().queue !== null);
    const tickets = inLine.map((client) => client.getSnapshot().queue?.ticket ?? 0).toSorted((a, b) => a - b);
    const { rows } = await app.pool.query<{ ticket: number }>(
      "select ticket from waiter where show_id = $1 and line = 'seats' and waits order by ticket",
      [showId],
    );
    expect(rows.slice(0, -1).map(({ ticket }) => ticket)).toEqual(tickets);
    for (const client of inLine) {
      const ahead = tickets.indexOf(client.getSnapshot().queue?.ticket ?? 0);
      await waitForView(client, (view) => view.queue?.ahead === ahead && view.queue.waiting === tickets.length + 1);
    }
  });

  it('turns into an offer at once when seats are free, whichever of answer and offer arrives first', async () => {
    const showId = await makeShow(app.pool, { rows: 1, seatsPerRow: 4 });
    const ada = await openStore(showId);
    await ada.joinLine({ partySize: 2 });
    const { offer } = await waitForView(ada, (view) => view.offer !== null && view.queue === null);
    expect(offer?.seats).toHaveLength(2);
  });

  it('is refused with the contract’s code when it cannot be served, and the line stays unchanged', async () => {
    const { showId } = await createFullShow();
    const ada = await openStore(showId);
    await expect(ada.joinLine({ partySize: 11 })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(ada.joinLine({ partySize: 5 })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(ada.joinLine({ partySize: 1, tiers: ['royal'] })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    expect(await ada.joinLine({ partySize: 1 })).toMatchObject({ ticket: 1, ahead: 0 });
  });
});

describe('the waiting room in the SDK', () => {
  const createMeteredShow = (shopSeconds: number | null = null) =>
    makeShow(app.pool, { waitingRoom: { mode: 'on', maxShoppers: 1, shopSeconds } });

  it('opens the show by itself after the admission', async () => {
    const showId = await createMeteredShow();
    const ada = await openStore(showId);
    await waitForView(ada, ({ access, seatCount }) => access === 'open' && seatCount === 100);
    const ben = await openStore(showId);
    expect(ben.getSnapshot()).toMatchObject({
      connection: 'live',
      access: 'waiting',
      seatCount: 0,
      queue: { line: 'entry', ahead: 0, waiting: 1 },
    });
    await expect(ben.reserve({ seats: [1] })).rejects.toMatchObject({ code: 'NOT_ADMITTED' });
    ada.close();
    const view = await waitForView(ben, ({ access, seatCount }) => access === 'open' && seatCount === 100);
    expect(view).toMatchObject({ queue: null, lineEnd: null });
    await expect(ben.reserve({ seats: [1] })).resolves.toMatchObject({ status: 'reserved' });
  });

  it('admits a client again that leaves and returns at once, while the message about its end is still on its way', async () => {
    const showId = await createMeteredShow();
    const usher = createClient();
    for (let round = 0; round < 10; round++) {
      const show = usher.openShow(showId);
      await waitForView(show, ({ access, seatCount }) => access === 'open' && seatCount === 100);
      show.close();
    }
    const show = usher.openShow(showId);
    await waitForView(show, ({ access, seatCount }) => access === 'open' && seatCount === 100);
    expect(show.getSnapshot().lineEnd).toBeNull();
  });

  it('stops nobody once the sale is over', async () => {
    const startsAt = new Date(Date.now() - 60_000);
    const showId = await makeShow(app.pool, { startsAt, waitingRoom: { mode: 'on' } });
    const show = await openStore(showId);
    expect(show.getSnapshot()).toMatchObject({ connection: 'live', access: 'open', seatCount: 100, queue: null });
    await expect(show.joinLine({ partySize: 1 })).rejects.toMatchObject({ code: 'SALE_CLOSED' });
  });

  it('notifies a client of its admission even while the show is not open', async () => {
    const showId = await createMeteredShow();
    const ada = await openStore(showId);
    const usher = createClient();
    const ben = usher.openShow(showId);
    await ben.ready;
    const admission = new Promise((resolve) => usher.onLine(resolve));
    ben.close();
    ada.close();
    expect(await admission).toMatchObject({ type: 'admitted', showId, until: expect.any(String) });
  });

  it('keeps the place when the connection is lost', async () => {
    const showId = await createMeteredShow();
    const ada = await openStore(showId);
    const [ben, cem] = [await openStore(showId, proxy.url), await openStore(showId)];
    const ticket = ben.getSnapshot().queue?.ticket;
    proxy.disconnectAll();
    await waitForView(ben, ({ connection }) => connection === 'reconnecting');
    await waitForView(ben, ({ connection, queue }) => connection === 'live' && queue?.ticket === ticket);
    expect(cem.getSnapshot().queue?.ahead).toBe(1);
    ada.close();
    await waitForView(ben, ({ access }) => access === 'open');
    await waitForView(cem, isAhead(0));
  });

  it('does not let a client that left rejoin until the client asks', async () => {
    const showId = await createMeteredShow();
    const ada = await openStore(showId);
    const ben = await openStore(showId, proxy.url);
    await ben.leaveLine();
    expect(ben.getSnapshot()).toMatchObject({ access: 'out', queue: null, lineEnd: null });
    proxy.disconnectAll();
    await waitForView(ben, ({ connection }) => connection === 'reconnecting');
    await waitForView(ben, ({ connection }) => connection === 'live');
    expect(await createClient().lines.read(showId)).toBeNull();
    expect(ben.getSnapshot()).toMatchObject({ access: 'out', queue: null });
    ben.enter();
    const { queue } = await waitForView(ben, (view) => view.queue !== null);
    expect(queue).toMatchObject({ ticket: 3, ahead: 0 });
    ada.close();
    await waitForView(ben, ({ access, seatCount }) => access === 'open' && seatCount > 0);
  });

  it('reports the end of a stay, keeps the hold, and can be entered again on request', async () => {
    const showId = await createMeteredShow(1);
    const ada = await openStore(showId);
    const booking = await ada.reserve({ seats: [5] });
    const ben = await openStore(showId);
    const ended = await waitForView(ada, ({ access }) => access === 'out');
    expect(ended).toMatchObject({ lineEnd: { line: 'entry', reason: 'stayEnded' }, seatCount: 0, bookings: [booking] });
    await waitForView(ben, ({ access }) => access === 'open');
    ada.enter();
    const returned = await waitForView(ada, ({ access, queue, seatCount }) =>
      access === 'waiting' ? !!queue : seatCount > 0,
    );
    expect(returned.lineEnd).toBeNull();
    await waitForView(ada, ({ access, seatCount }) => access === 'open' && seatCount > 0);
  });

  it('collects clients before the sale opens, draws their places, and admits the first', async () => {
    const saleOpensAt = new Date(Date.now() + 3_000);
    const showId = await makeShow(app.pool, { saleOpensAt, waitingRoom: { mode: 'on', maxShoppers: 1 } });
    const stores = [await openStore(showId), await openStore(showId), await openStore(showId)];
    for (const client of stores) {
      expect(client.getSnapshot()).toMatchObject({ access: 'waiting', queue: { place: null, ahead: null } });
    }
    await waitForView(stores[0]!, ({ queue }) => queue?.waiting === 3);
    await Promise.all(
      stores.map((client) => waitForView(client, ({ access, queue }) => access === 'open' || queue?.place !== null)),
    );
    const first = await new Promise<ShowStore>((resolve) => {
      for (const client of stores) {
        const checkView = (): void => {
          if (client.getSnapshot().seatCount > 0) resolve(client);
        };
        client.subscribe(checkView);
        checkView();
      }
    });
    const otherStores = stores.filter((client) => client !== first);
    await Promise.all(
      otherStores.map((client) => waitForView(client, ({ queue }) => (queue?.ahead ?? 9) < 2 && queue?.waiting === 2)),
    );
    const places = otherStores.map((client) => client.getSnapshot().queue?.place);
    expect(new Set(places)).toEqual(new Set([2, 3]));
  });
});

describe('the lines over REST in the SDK', () => {
  it('can be joined, polled for a change, and left', async () => {
    const { showId } = await createFullShow();
    const [ada, ben] = [createClient().lines, createClient().lines];
    await ada.join(showId, { partySize: 2 });
    const place = await ben.join(showId, { partySize: 2 });
    expect(place).toMatchObject({ line: 'seats', ticket: 2, ahead: 1 });
    const poll = ben.read(showId, { wait: 25, ...(place.ahead !== null && { ahead: place.ahead }) });
    await ada.leave(showId);
    expect(await poll).toMatchObject({ ticket: 2, ahead: 0 });
    expect(await ada.read(showId)).toBeNull();
    await ben.leave(showId);
    expect(await ben.read(showId, { wait: 25 })).toBeNull();
  });

  it('stop a long poll when the caller aborts it', async () => {
    const { showId } = await createFullShow();
    const { lines } = createClient();
    const { ahead } = await lines.join(showId, { partySize: 2 });
    const abortPoll = new AbortController();
    const poll = lines.read(showId, { wait: 25, ...(ahead !== null && { ahead }), signal: abortPoll.signal });
    abortPoll.abort();
    await expect(poll).rejects.toMatchObject({ code: 'NETWORK' });
  });

  it('begin a new session when the stored token is invalid', async () => {
    const { showId } = await createFullShow();
    const storedTokens: string[] = [];
    const storage = { get: () => 'a token of long ago', set: (token: string) => void storedTokens.push(token) };
    const usher = createClient({ storage });
    expect(await usher.lines.join(showId, { partySize: 1 })).toMatchObject({ ticket: 1 });
    expect(storedTokens).toEqual(['', (await usher.session()).token]);
  });

  it('register and remove the push subscription of a browser', async () => {
    const { push } = createClient();
    expect(await push.key()).toMatch(/^[\w-]{87}$/);
    const keys = {
      p256dh: 'BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM',
      auth: 'tBHItJI5svbpez7KI4CCXg',
    };
    const subscription = { endpoint: 'https://push.example.com/a', expirationTime: null, keys };
    const countSubscriptions = async () =>
      (await app.pool.query<{ n: number }>('select count(*)::int as n from push_subscription')).rows[0]!.n;
    await push.subscribe(subscription);
    expect(await countSubscriptions()).toBe(1);
    await push.unsubscribe(subscription);
    expect(await countSubscriptions()).toBe(0);
  });
});
