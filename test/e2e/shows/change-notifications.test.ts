import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiKeyMade, type Booking, Show } from '@usher/contract';
import { makeKey } from '../../support/api-keys.js';
import { validate } from '../../support/contract-shapes.js';
import { readCalendar } from '../../support/mail-calendar.js';
import { TestMailbox } from '../../support/mailbox.js';
import { Payer } from '../../support/payer.js';
import { type TestBrowser, TestPushService } from '../../support/push-service.js';
import { describeWithRedis } from '../../support/describe-with-redis.js';
import { RestCaller } from '../../support/rest.js';
import { setUpTwoNodes, setUpTwoNodesOnRedis } from '../../support/two-nodes.js';
import { waitUntil } from '../../support/wait-until.js';
import { WebhookListener } from '../../support/webhook-listener.js';

const hourMs = 60 * 60 * 1000;

describeWithRedis('two nodes that share one Redis', () => {
  let mailbox: TestMailbox;
  let pushService: TestPushService;
  let partner: WebhookListener;

  beforeAll(async () => {
    mailbox = await TestMailbox.start();
    pushService = await TestPushService.start();
    partner = await WebhookListener.start();
  });

  const twoNodes = setUpTwoNodesOnRedis(() => ({
    SMTP_URL: mailbox.url,
    WEBHOOK_PRIVATE_HOSTS: 'true',
    PUSH_PRIVATE_HOSTS: 'true',
  }));

  afterAll(async () => {
    await Promise.all([partner.close(), pushService.close(), mailbox.close()]);
  });

  /** Subscribes a browser of the session to push messages. */
  async function subscribeBrowser(caller: RestCaller): Promise<TestBrowser> {
    const browser = pushService.browser();
    expect((await caller.call('POST', '/v1/push/subscriptions', browser.subscription)).status).toBe(201);
    return browser;
  }

  const setEmailAddress = async (caller: RestCaller, { bookingId }: Booking, email: string) =>
    expect((await caller.call('PUT', `/v1/bookings/${bookingId}/contact`, { email })).status).toBe(200);

  it('mail a new start time once, with the old time and the reason, and only to buyers who have paid', async () => {
    const showId = await twoNodes.show();
    const { booking, callers } = await twoNodes.createPaidBuyer(showId, [0]);
    await setEmailAddress(callers[0]!, booking, 'ada@example.com');
    const holder = new Payer(await RestCaller.begin(twoNodes.url(1)));
    await setEmailAddress(holder.caller, await holder.hold(showId, [1]), 'holder@example.com');
    const { startsAt } = await twoNodes.readShow(0, showId);
    const readMoveMails = async (count: number) => {
      const mails = await mailbox.waitForMails('ada@example.com', count);
      return mails.filter(({ subject }) => subject === 'Your show moved: A Test').map(({ text }) => text ?? '');
    };

    // A mail shows the state at the time of sending, so the test waits for the mail with the tickets before it moves
    // the show.
    await mailbox.waitForMails('ada@example.com');
    await twoNodes.administrate('PATCH', String(showId), { prices: { standard: 4444 } });
    const later = new Date(Date.parse(startsAt) + 24 * hourMs).toISOString();
    await twoNodes.administrate('PATCH', String(showId), { startsAt: later, reason: 'The actor is ill' });
    const [moved] = await readMoveMails(2);
    const formatClock = (at: string) =>
      new Date(at).toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin', hour: '2-digit', minute: '2-digit' });
    const formatWeekday = (at: string) =>
      new Date(at).toLocaleDateString('en-GB', { timeZone: 'Europe/Berlin', weekday: 'short' });
    expect(moved).toContain(`Time before: ${formatWeekday(startsAt)}`);
    expect(moved).toContain(`Time now: ${formatWeekday(later)}`);
    expect(moved).toContain(formatClock(later));
    expect(moved).toContain('Reason: The actor is ill');

    await twoNodes.administrate('POST', `${showId}/call-off`, { reason: 'The actor is still ill' });
    const calledOff = (await mailbox.waitForMails('ada@example.com', 3)).find(
      ({ subject }) => subject === 'Called off: A Test',
    );
    expect(calledOff!.text).toContain('Reason: The actor is still ill');
    expect(await readMoveMails(3)).toHaveLength(1);
    // The calendar entry of the tickets first moves to the new time and is then cancelled.
    const sent = await mailbox.waitForMails('ada@example.com', 3);
    const findCalendarEntry = (start: string) => readCalendar(sent.find(({ subject }) => subject?.startsWith(start))!);
    const [first, second, last] = [
      findCalendarEntry('Your tickets'),
      findCalendarEntry('Your show moved'),
      findCalendarEntry('Called off'),
    ];
    expect(second).toMatchObject({ method: 'PUBLISH', uid: first.uid });
    expect(Date.parse(second.start)).toBe(Math.floor(Date.parse(later) / 1000) * 1000);
    expect(last).toMatchObject({ method: 'CANCEL', status: 'CANCELLED', uid: first.uid });
    expect([first.sequence < second.sequence, second.sequence < last.sequence]).toEqual([true, true]);
    const { rows } = await twoNodes.nodes.pool.query(
      'select kind, count(*)::int from mail_message where show_id = $1 group by 1 order by 1',
      [showId],
    );
    expect(rows).toEqual([
      { kind: 'booked', count: 1 },
      { kind: 'calledOff', count: 1 },
      { kind: 'moved', count: 1 },
    ]);
  });

  it('send partners one webhook per change, which says what changed and why', async () => {
    const seller: ApiKeyMade = await makeKey(twoNodes.url(0), { name: 'Seller', roles: ['partner'] });
    const caller = await RestCaller.begin(twoNodes.url(1));
    const events = ['show.changed', 'show.calledOff'];
    const endpoint = { url: partner.url, events };
    expect(await caller.call('POST', '/v1/partners/webhooks', endpoint, { 'x-api-key': seller.key })).toMatchObject({
      status: 201,
    });
    const showId = await twoNodes.show();
    await twoNodes.administrate('PATCH', String(showId), { prices: { standard: 4444 }, reason: 'Inflation' });
    await twoNodes.administrate('PATCH', String(showId), { prices: { standard: 4444 } }); // This request changes nothing.
    await twoNodes.administrate('POST', `${showId}/call-off`, { reason: 'No light' });
    const calls = await partner.waitForCalls(2, ({ event }) => event.data.showId === showId);
    const data = { showId, bookingId: null, line: null, ticket: null };
    expect(calls.map(({ event }) => [event.type, event.data])).toEqual(
      expect.arrayContaining([
        ['show.changed', { ...data, changed: ['prices'], reason: 'Inflation' }],
        ['show.calledOff', { ...data, reason: 'No light' }],
      ]),
    );
    const { rows } = await twoNodes.nodes.pool.query('select from webhook_delivery where show_id = $1', [showId]);
    expect(rows).toHaveLength(2);
  });

  it('send push messages about moves and call-offs to buyers and waiters, and about new prices only to waiters', async () => {
    const showId = await twoNodes.show({ rows: 1, seatsPerRow: 2 });
    const { callers } = await twoNodes.createPaidBuyer(showId, [0]);
    const holder = new Payer(await RestCaller.begin(twoNodes.url(0)));
    await holder.hold(showId, [1]);
    const waiter = await RestCaller.begin(twoNodes.url(1));
    expect((await waiter.call('POST', `/v1/shows/${showId}/queue`, { partySize: 1 })).status).toBe(201);
    const stranger = await subscribeBrowser(await RestCaller.begin(twoNodes.url(0)));
    const [buyers, holders, waiters] = [
      await subscribeBrowser(callers[0]!),
      await subscribeBrowser(holder.caller),
      await subscribeBrowser(waiter),
    ];
    const { startsAt } = await twoNodes.readShow(0, showId);
    const later = new Date(Date.parse(startsAt) + hourMs).toISOString();
    await twoNodes.administrate('PATCH', String(showId), { prices: { standard: 4444 } });
    await waiters.waitForMessages(1);
    await twoNodes.administrate('PATCH', String(showId), { startsAt: later });
    await Promise.all([buyers.waitForMessages(1), holders.waitForMessages(1), waiters.waitForMessages(2)]);
    await twoNodes.administrate('POST', `${showId}/call-off`, { reason: 'No light' });
    await Promise.all([buyers.waitForMessages(2), holders.waitForMessages(2), waiters.waitForMessages(3)]);
    const readTypes = ({ received }: TestBrowser) => received.map(({ payload }) => payload.type);
    expect(readTypes(buyers)).toEqual(['show:moved', 'show:calledOff']);
    expect(readTypes(holders)).toEqual(['show:moved', 'show:calledOff']);
    expect(readTypes(waiters)).toEqual(['show:changed', 'show:moved', 'show:calledOff']);
    await waitUntil(
      async () =>
        (await twoNodes.nodes.pool.query('select from push_message where show_id = $1', [showId])).rowCount === 0,
    );
    expect(readTypes(stranger)).toEqual([]);
  });

  it('send each change once to every client that has the show open, including clients that wait in line', async () => {
    const showId = await twoNodes.show({ rows: 1, seatsPerRow: 1, waitingRoom: { mode: 'on', maxShoppers: 2 } });
    const [shopper, inSeatLine] = [await twoNodes.nodes.connect(0), await twoNodes.nodes.connect(1)];
    const inEntryLine = await twoNodes.nodes.connect(1);
    const elsewhere = await twoNodes.nodes.connect(1);
    await shopper.ask('show:join', { showId });
    await shopper.ask('reservation:create', { showId, seats: [0] });
    await inSeatLine.ask('show:join', { showId });
    await inSeatLine.ask('queue:join', { showId, partySize: 1 });
    expect(await inEntryLine.ask('show:join', { showId })).toMatchObject({ access: 'waiting', termsVersion: 0 });
    await elsewhere.ask('show:join', { showId: await twoNodes.show() });
    const before = await twoNodes.readShow(1, showId);

    const startsAt = new Date(Date.parse(before.startsAt) + hourMs).toISOString();
    const body = { startsAt, prices: { standard: 4444 }, saleOpensAt: null, reason: 'The projector is late' };
    const patched = validate(Show, await twoNodes.administrate('PATCH', String(showId), body));
    await twoNodes.administrate('POST', `${showId}/call-off`, { reason: 'No projector at all' });

    const moved = {
      showId,
      termsVersion: 1,
      at: expect.any(String),
      changed: ['startsAt', 'prices', 'saleClosesAt'],
      show: { startsAt, endsAt: patched.endsAt, saleClosesAt: startsAt, tiers: patched.tiers },
      before: {
        startsAt: before.startsAt,
        endsAt: before.endsAt,
        saleClosesAt: before.saleClosesAt,
        tiers: before.tiers,
      },
      calledOff: false,
      reason: 'The projector is late',
    };
    const calledOff = { calledOff: true, calledOffReason: 'No projector at all' };
    for (const socket of [shopper, inSeatLine, inEntryLine]) {
      expect(await socket.next('show:changed')).toEqual(moved);
      expect(await socket.next('show:changed')).toMatchObject({
        showId,
        termsVersion: 2,
        changed: ['calledOff'],
        show: calledOff,
        calledOff: true,
        reason: 'No projector at all',
      });
    }
    // A client that missed the changes learns the current `termsVersion` from the next `show:version`, from joining,
    // and from reading the show.
    await inSeatLine.next('show:version', ({ termsVersion }) => termsVersion === 2);
    const late = await twoNodes.nodes.connect(1);
    expect(await late.ask('show:join', { showId })).toMatchObject({ access: 'open', termsVersion: 2 });
    expect(await twoNodes.readShow(1, showId)).toMatchObject({
      ...calledOff,
      termsVersion: 2,
      startsAt,
    });
    for (const socket of [shopper, inSeatLine, inEntryLine, elsewhere, late]) {
      expect(socket.received.filter(({ event }) => event === 'show:changed')).toEqual([]);
    }
  });
});

describe('two nodes without Redis', () => {
  const twoNodes = setUpTwoNodes();

  it('notify their viewers of a change, because each node reads the log', async () => {
    const showId = await twoNodes.show();
    const viewer = await twoNodes.nodes.connect(1);
    expect(await viewer.ask('show:join', { showId })).toMatchObject({ termsVersion: 0 });
    await twoNodes.administrate('PATCH', String(showId), { prices: { standard: 4444 }, reason: 'Inflation' });
    expect(await viewer.next('show:changed')).toMatchObject({ changed: ['prices'], reason: 'Inflation' });
    expect(await viewer.ask('reservation:create', { showId, seats: [0] })).toMatchObject({
      booking: { total: { amount: 4444 } },
    });
  });
});
