import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { waitForView } from '../../support/sdk.js';
import { isAhead, setUpSdkLines } from '../../support/sdk-lines.js';
import { makeShow } from '../../support/show.js';

const lines = setUpSdkLines();
const { app, openStore, createFullShow } = lines;

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

  it('ends with a reason if an offer lapses', async () => {
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
    const ada = await openStore(showId, lines.proxy.url);
    const place = await ada.joinLine({ partySize: 2 });
    expect(await ada.joinLine({ partySize: 1 })).toMatchObject({ ticket: place?.ticket, partySize: 2 });
    lines.proxy.disconnectAll();
    await waitForView(ada, ({ connection }) => connection === 'reconnecting');
    await first.leaveLine();
    await waitForView(
      ada,
      (view) => view.connection === 'live' && view.queue?.ticket === place?.ticket && isAhead(0)(view),
    );
  });

  it('shows a hold as an offer if the client learns of the hold only after a reconnect', async () => {
    const { showId, holder, bookingIds } = await createFullShow();
    const ada = await openStore(showId, lines.proxy.url);
    await ada.joinLine({ partySize: 2 });
    lines.proxy.decideFate = ({ text }) => (text.includes('queue:offer') ? 'cuts' : 'passes');
    await holder.release(bookingIds[0]!);
    await waitForView(ada, ({ connection }) => connection === 'reconnecting');
    const { offer } = await waitForView(ada, (view) => view.connection === 'live' && view.offer !== null);
    expect(offer).toMatchObject({ status: 'reserved' });
  });

  it('detects by itself that a broadcast was lost', async () => {
    const { showId } = await createFullShow();
    const others = await Promise.all(Array.from({ length: 3 }, () => openStore(showId)));
    for (const client of others) await client.joinLine({ partySize: 2 });
    const ada = await openStore(showId, lines.proxy.url);
    await ada.joinLine({ partySize: 2 });
    let lost = 0;
    lines.proxy.decideFate = ({ text }) => (text.includes('queue:moved') && lost++ === 0 ? 'is lost' : 'passes');
    await others[0]!.leaveLine();
    await waitForView(others[1]!, isAhead(0));
    await others[1]!.leaveLine();
    await waitForView(ada, isAhead(1));
    expect(lost).toBeGreaterThan(0);
  });

  it('agrees with the tables in the end, even if many clients join and leave and every third broadcast is lost', async () => {
    const { showId } = await createFullShow();
    let broadcasts = 0;
    lines.proxy.decideFate = ({ text }) =>
      text.includes('queue:moved') && ++broadcasts % 3 === 0 ? 'is lost' : 'passes';
    const stores = await Promise.all(Array.from({ length: 12 }, () => openStore(showId, lines.proxy.url)));
    for (const client of stores) await client.joinLine({ partySize: 2 });
    const seed = Date.now();
    console.log(`seed ${seed}`);
    const random = fc.sample(fc.nat(stores.length - 1), { numRuns: 40, seed });
    for (const index of random) {
      const client = stores[index]!;
      await (client.getSnapshot().queue === null ? client.joinLine({ partySize: 2 }) : client.leaveLine());
    }
    // One more join causes one more broadcast, which reveals whether the last broadcast was lost.
    lines.proxy.decideFate = () => 'passes';
    await (await openStore(showId)).joinLine({ partySize: 1 });
    const inLine = stores.filter((client) => client.getSnapshot().queue !== null);
    const tickets = inLine.map((client) => client.getSnapshot().queue?.ticket ?? 0).toSorted((a, b) => a - b);
    const { rows } = await app.pool.query<{ ticket: number }>(
      "select line_ticket as ticket from waiter where show_id = $1 and line = 'seats' and waits order by line_ticket",
      [showId],
    );
    expect(rows.slice(0, -1).map(({ ticket }) => ticket)).toEqual(tickets);
    for (const client of inLine) {
      const ahead = tickets.indexOf(client.getSnapshot().queue?.ticket ?? 0);
      await waitForView(client, (view) => view.queue?.ahead === ahead && view.queue.waiting === tickets.length + 1);
    }
  });

  it('turns into an offer at once if seats are free, no matter whether the answer or the offer arrives first', async () => {
    const showId = await makeShow(app.pool, { rows: 1, seatsPerRow: 4 });
    const ada = await openStore(showId);
    await ada.joinLine({ partySize: 2 });
    const { offer } = await waitForView(ada, (view) => view.offer !== null && view.queue === null);
    expect(offer?.seats).toHaveLength(2);
  });

  it('is refused with the contract’s error code if the party cannot be served, and the line stays unchanged', async () => {
    const { showId } = await createFullShow();
    const ada = await openStore(showId);
    await expect(ada.joinLine({ partySize: 11 })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(ada.joinLine({ partySize: 5 })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(ada.joinLine({ partySize: 1, tiers: ['royal'] })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    expect(await ada.joinLine({ partySize: 1 })).toMatchObject({ ticket: 1, ahead: 0 });
  });
});
