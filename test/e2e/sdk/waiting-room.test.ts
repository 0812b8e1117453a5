import { describe, expect, it } from '@jest/globals';
import type { ShowStore } from '@usher/client';

import { waitForView } from '../../support/sdk.js';
import { isAhead, setUpSdkLines } from '../../support/sdk-lines.js';
import { makeShow } from '../../support/show.js';

const lines = setUpSdkLines();
const { app, createClient, openStore, createFullShow } = lines;

describe('two clients of one session', () => {
  const openTwoTabs = async (showId: number) => {
    const first = createClient();
    const { token } = await first.session();
    const second = createClient({ token });
    const tabs = [first.openShow(showId), second.openShow(showId)] as const;
    await Promise.all(tabs.map(({ ready }) => ready));
    return tabs;
  };

  it('wait for seats together, and both leave the line when one of them leaves', async () => {
    const { showId } = await createFullShow();
    const [here, there] = await openTwoTabs(showId);
    const queue = await here.joinLine({ partySize: 1 });
    expect((await waitForView(there, (view) => view.queue !== null)).queue).toMatchObject({ ticket: queue!.ticket });
    const other = await openStore(showId);
    await other.joinLine({ partySize: 1 });
    // The second client receives the messages about the line, too.
    await waitForView(there, (view) => view.queue?.waiting === 2);
    await here.leaveLine();
    expect(await waitForView(there, (view) => view.queue === null)).toMatchObject({ access: 'open', lineEnd: null });
  });

  it('leave the waiting room together when one of them leaves', async () => {
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

describe('the waiting room in the SDK', () => {
  const createMeteredShow = (shopSeconds: number | null = null) =>
    makeShow(app.pool, { waitingRoom: { mode: 'on', maxShoppers: 1, shopSeconds } });

  it('opens the show automatically after the admission', async () => {
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

  it('admits a client that leaves and returns at once, even if the message about the end of its stay arrives later', async () => {
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

  it('keeps nobody outside once the sale is over', async () => {
    const startsAt = new Date(Date.now() - 60_000);
    const showId = await makeShow(app.pool, { startsAt, waitingRoom: { mode: 'on' } });
    const show = await openStore(showId);
    expect(show.getSnapshot()).toMatchObject({ connection: 'live', access: 'open', seatCount: 100, queue: null });
    await expect(show.joinLine({ partySize: 1 })).rejects.toMatchObject({ code: 'SALE_CLOSED' });
  });

  it('notifies a client of its admission even if the client has closed the show', async () => {
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
    const [ben, cem] = [await openStore(showId, lines.proxy.url), await openStore(showId)];
    const ticket = ben.getSnapshot().queue?.ticket;
    lines.proxy.disconnectAll();
    await waitForView(ben, ({ connection }) => connection === 'reconnecting');
    await waitForView(ben, ({ connection, queue }) => connection === 'live' && queue?.ticket === ticket);
    expect(cem.getSnapshot().queue?.ahead).toBe(1);
    ada.close();
    await waitForView(ben, ({ access }) => access === 'open');
    await waitForView(cem, isAhead(0));
  });

  it('does not put a client that left back into the line until the client asks for that', async () => {
    const showId = await createMeteredShow();
    const ada = await openStore(showId);
    const ben = await openStore(showId, lines.proxy.url);
    await ben.leaveLine();
    expect(ben.getSnapshot()).toMatchObject({ access: 'out', queue: null, lineEnd: null });
    lines.proxy.disconnectAll();
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
