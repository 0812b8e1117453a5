import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ApiKeyMade, Booking, Show, ShowChanged, ShowLogEntry } from '@usher/contract';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { calendarOf } from '../../support/mail-calendar.js';
import { TestMailbox } from '../../support/mailbox.js';
import { Nodes } from '../../support/nodes.js';
import { cards, Payer } from '../../support/paying.js';
import { type TestBrowser, TestPushService } from '../../support/push-service.js';
import { describeWithRedis, RedisServer } from '../../support/redis.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow, type ShowOptions } from '../../support/show.js';
import { until } from '../../support/until.js';
import { WebhookListener } from '../../support/webhook-listener.js';

const hour = 60 * 60 * 1000;
const free = { singleSeatGap: 'off', maxSeatsPerSession: null, strictLine: false } as const;

/** What the tests of both set-ups do with two nodes on one database. */
class TwoNodes {
  private constructor(readonly nodes: Nodes) {}

  static async start(env: Record<string, string>): Promise<TwoNodes> {
    const settings = { ADMIN_API_KEY: adminKey, SESSION_SECRET: 's'.repeat(32), ...env };
    return new TwoNodes(await Nodes.start([settings, settings]));
  }

  url(node: number): string {
    return this.nodes.services[node]!.url;
  }

  show(options: ShowOptions = {}): Promise<number> {
    return makeShow(this.nodes.pool, options);
  }

  /** An administrator's call on the first node, which must succeed. */
  async administrate<T = Show>(method: string, path: string, body?: unknown, key = adminKey): Promise<T> {
    const caller = await RestCaller.begin(this.url(0));
    const answer = await caller.call(method, `/v1/admin/shows/${path}`, body, { 'x-api-key': key });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as T;
  }

  async read<T>(node: number, path: string): Promise<T> {
    const answer = await fetch(this.url(node) + path);
    return (await answer.json()) as T;
  }

  /** A buyer with a paid seat; the same session on each node. */
  async buyer(showId: number, seats: readonly number[]): Promise<{ booking: Booking; on: readonly RestCaller[] }> {
    const first = await RestCaller.begin(this.url(0));
    const payer = new Payer(first);
    const held = await payer.hold(showId, seats);
    const socket = await this.nodes.connect(0, first.session.token);
    await payer.startAndPay(held, cards.good);
    await socket.next('booking:updated', ({ booking }) => booking.status === 'booked');
    return {
      booking: await payer.booking(held),
      on: [first, new RestCaller(this.url(1), first.session)],
    };
  }
}

describeWithRedis('two nodes on one Redis', () => {
  let redis: RedisServer;
  let mailbox: TestMailbox;
  let pushService: TestPushService;
  let partner: WebhookListener;
  let two: TwoNodes;

  beforeAll(async () => {
    redis = await RedisServer.start();
    mailbox = await TestMailbox.start();
    pushService = await TestPushService.start();
    partner = await WebhookListener.start();
    two = await TwoNodes.start({
      REDIS_URL: redis.url,
      SMTP_URL: mailbox.url,
      WEBHOOK_PRIVATE_HOSTS: 'true',
      PUSH_PRIVATE_HOSTS: 'true',
    });
  });

  afterAll(async () => {
    await two.nodes.close();
    await Promise.all([partner.close(), pushService.close(), mailbox.close()]);
    await redis.kill();
  });

  /** A session's browser that is pushed to. */
  async function browserOf(caller: RestCaller): Promise<TestBrowser> {
    const browser = pushService.browser();
    expect((await caller.call('POST', '/v1/push/subscriptions', browser.subscription)).status).toBe(201);
    return browser;
  }

  const leaveAddress = async (caller: RestCaller, { bookingId }: Booking, email: string) =>
    expect((await caller.call('PUT', `/v1/bookings/${bookingId}/contact`, { email })).status).toBe(200);

  it('mail a move with both times and its reason to buyers who have paid, once, and not to others', async () => {
    const showId = await two.show();
    const { booking, on } = await two.buyer(showId, [0]);
    await leaveAddress(on[0]!, booking, 'ada@example.com');
    const holder = new Payer(await RestCaller.begin(two.url(1)));
    await leaveAddress(holder.caller, await holder.hold(showId, [1]), 'holder@example.com');
    const { startsAt } = await two.read<Show>(0, `/v1/shows/${showId}`);
    const mailsTo = async (count: number) => {
      const mails = await mailbox.to('ada@example.com', count);
      return mails.filter(({ subject }) => subject === 'Your show moved: A Test').map(({ text }) => text ?? '');
    };

    // A mail says how things are when it is sent: the tickets' entry is to be the one before the move.
    await mailbox.to('ada@example.com');
    await two.administrate('PATCH', String(showId), { prices: { standard: 4444 } });
    const later = new Date(Date.parse(startsAt) + 24 * hour).toISOString();
    await two.administrate('PATCH', String(showId), { startsAt: later, reason: 'The actor is ill' });
    const [moved] = await mailsTo(2);
    const clock = (at: string) =>
      new Date(at).toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin', hour: '2-digit', minute: '2-digit' });
    const day = (at: string) =>
      new Date(at).toLocaleDateString('en-GB', { timeZone: 'Europe/Berlin', weekday: 'short' });
    expect(moved).toContain(`Time before: ${day(startsAt)}`);
    expect(moved).toContain(`Time now: ${day(later)}`);
    expect(moved).toContain(clock(later));
    expect(moved).toContain('Reason: The actor is ill');

    await two.administrate('POST', `${showId}/call-off`, { reason: 'The actor is still ill' });
    const calledOff = (await mailbox.to('ada@example.com', 3)).find(({ subject }) => subject === 'Called off: A Test');
    expect(calledOff!.text).toContain('Reason: The actor is still ill');
    expect(await mailsTo(3)).toHaveLength(1);
    // The calendar entry of the tickets follows: first to the new time, then away.
    const sent = await mailbox.to('ada@example.com', 3);
    const entryOf = (start: string) => calendarOf(sent.find(({ subject }) => subject?.startsWith(start))!);
    const [first, second, last] = [entryOf('Your tickets'), entryOf('Your show moved'), entryOf('Called off')];
    expect(second).toMatchObject({ method: 'PUBLISH', uid: first.uid });
    expect(Date.parse(second.start)).toBe(Math.floor(Date.parse(later) / 1000) * 1000);
    expect(last).toMatchObject({ method: 'CANCEL', status: 'CANCELLED', uid: first.uid });
    expect([first.sequence < second.sequence, second.sequence < last.sequence]).toEqual([true, true]);
    const { rows } = await two.nodes.pool.query(
      'select kind, count(*)::int from mail_message where show_id = $1 group by 1 order by 1',
      [showId],
    );
    expect(rows).toEqual([
      { kind: 'booked', count: 1 },
      { kind: 'calledOff', count: 1 },
      { kind: 'moved', count: 1 },
    ]);
  });

  it('tell partners what changed and why, once', async () => {
    const seller: ApiKeyMade = await makeKey(two.url(0), { name: 'Seller', roles: ['partner'] });
    const caller = await RestCaller.begin(two.url(1));
    const events = ['show.changed', 'show.calledOff'];
    const endpoint = { url: partner.url, events };
    expect(await caller.call('POST', '/v1/partners/webhooks', endpoint, { 'x-api-key': seller.key })).toMatchObject({
      status: 201,
    });
    const showId = await two.show();
    await two.administrate('PATCH', String(showId), { prices: { standard: 4444 }, reason: 'Inflation' });
    await two.administrate('PATCH', String(showId), { prices: { standard: 4444 } }); // changes nothing
    await two.administrate('POST', `${showId}/call-off`, { reason: 'No light' });
    const calls = await partner.calls(2, ({ event }) => event.data.showId === showId);
    const data = { showId, bookingId: null, line: null, ticket: null };
    expect(calls.map(({ event }) => [event.type, event.data])).toEqual(
      expect.arrayContaining([
        ['show.changed', { ...data, changed: ['prices'], reason: 'Inflation' }],
        ['show.calledOff', { ...data, reason: 'No light' }],
      ]),
    );
    const { rows } = await two.nodes.pool.query('select from webhook_delivery where show_id = $1', [showId]);
    expect(rows).toHaveLength(2);
  });

  it('push moves and call-offs to buyers and people in line, and new prices only to people in line', async () => {
    const showId = await two.show({ rows: 1, seatsPerRow: 2 });
    const { on } = await two.buyer(showId, [0]);
    const holder = new Payer(await RestCaller.begin(two.url(0)));
    await holder.hold(showId, [1]);
    const waiter = await RestCaller.begin(two.url(1));
    expect((await waiter.call('POST', `/v1/shows/${showId}/queue`, { partySize: 1 })).status).toBe(201);
    const stranger = await browserOf(await RestCaller.begin(two.url(0)));
    const [buyers, holders, waiters] = [
      await browserOf(on[0]!),
      await browserOf(holder.caller),
      await browserOf(waiter),
    ];
    const { startsAt } = await two.read<Show>(0, `/v1/shows/${showId}`);
    const later = new Date(Date.parse(startsAt) + hour).toISOString();
    await two.administrate('PATCH', String(showId), { prices: { standard: 4444 } });
    await waiters.messages(1);
    await two.administrate('PATCH', String(showId), { startsAt: later });
    await Promise.all([buyers.messages(1), holders.messages(1), waiters.messages(2)]);
    await two.administrate('POST', `${showId}/call-off`, { reason: 'No light' });
    await Promise.all([buyers.messages(2), holders.messages(2), waiters.messages(3)]);
    const typesOf = ({ heard }: TestBrowser) => heard.map(({ payload }) => payload.type);
    expect(typesOf(buyers)).toEqual(['show:moved', 'show:calledOff']);
    expect(typesOf(holders)).toEqual(['show:moved', 'show:calledOff']);
    expect(typesOf(waiters)).toEqual(['show:changed', 'show:moved', 'show:calledOff']);
    await until(
      async () => (await two.nodes.pool.query('select from push_message where show_id = $1', [showId])).rowCount === 0,
    );
    expect(typesOf(stranger)).toEqual([]);
  });

  it('keep the refund right of buyers who paid before the rule was taken away, and sell without it from then on', async () => {
    const showId = await two.show({ rules: { refunds: { deadlineMinutes: 60, feeAmount: 50 } } });
    const [before, other] = [await two.buyer(showId, [0]), await two.buyer(showId, [1])];
    const { startsAt } = await two.read<Show>(0, `/v1/shows/${showId}`);
    const promised = { until: new Date(Date.parse(startsAt) - hour).toISOString(), feeAmount: 50 };
    expect(before.booking.refunds).toEqual(promised);
    await two.administrate('PATCH', String(showId), { rules: { ...free, refunds: null } });
    const after = await two.buyer(showId, [2]);
    expect(after.booking.refunds).toBeNull();
    for (const [node, { booking, on }] of [before, other].entries()) {
      const path = `/v1/bookings/${booking.bookingId}`;
      expect((await on[node]!.call('GET', path)).body.refunds).toEqual(promised);
      expect(await on[node]!.call('POST', `${path}/refunds`, {})).toMatchObject({ status: 200 });
      const { items } = (await on[node]!.call('GET', `${path}/refunds`)).body;
      expect(items).toMatchObject([{ amount: { amount: 1200, currency: 'EUR' } }]);
      const refused = await after.on[node]!.call('POST', `/v1/bookings/${after.booking.bookingId}/refunds`, {});
      expect(refused).toMatchObject({ status: 409, body: { code: 'BOOKING_STATE' } });
    }
  });

  it('agree on the refund deadline as soon as a show has moved', async () => {
    const rules = { refunds: { deadlineMinutes: 24 * 60, feeAmount: 0 } };
    const showId = await two.show({ rules, startsAt: new Date(Date.now() + 23 * hour) });
    const buyers = [await two.buyer(showId, [0]), await two.buyer(showId, [1])];
    // Both nodes have the show in memory, and the deadline of its first start is over.
    for (const [node, { booking, on }] of buyers.entries()) {
      expect(await on[node]!.call('POST', `/v1/bookings/${booking.bookingId}/refunds`, {})).toMatchObject({
        status: 409,
      });
    }
    const startsAt = new Date(Date.now() + 72 * hour).toISOString();
    await two.administrate('PATCH', String(showId), { startsAt, reason: 'A storm' });
    const deadline = new Date(Date.parse(startsAt) - 24 * hour).toISOString();
    for (const [node, { booking, on }] of buyers.entries()) {
      const path = `/v1/bookings/${booking.bookingId}`;
      expect((await on[node]!.call('GET', path)).body.refunds).toEqual({ until: deadline, feeAmount: 0 });
      expect(await on[node]!.call('POST', `${path}/refunds`, {})).toMatchObject({ status: 200 });
    }
  });

  it('tell everyone who has the show open of each change, once, also those who stand in its lines', async () => {
    const showId = await two.show({ rows: 1, seatsPerRow: 1, waitingRoom: { mode: 'on', maxShoppers: 2 } });
    const [shopper, inSeatLine] = [await two.nodes.connect(0), await two.nodes.connect(1)];
    const inEntryLine = await two.nodes.connect(1);
    const elsewhere = await two.nodes.connect(1);
    await shopper.ask('show:join', { showId });
    await shopper.ask('reservation:create', { showId, seats: [0] });
    await inSeatLine.ask('show:join', { showId });
    await inSeatLine.ask('queue:join', { showId, partySize: 1 });
    expect(await inEntryLine.ask('show:join', { showId })).toMatchObject({ access: 'waiting', termsVersion: 0 });
    await elsewhere.ask('show:join', { showId: await two.show() });
    const before = await two.read<Show>(1, `/v1/shows/${showId}`);

    const startsAt = new Date(Date.parse(before.startsAt) + hour).toISOString();
    const body = { startsAt, prices: { standard: 4444 }, saleOpensAt: null, reason: 'The projector is late' };
    const patched = await two.administrate('PATCH', String(showId), body);
    await two.administrate('POST', `${showId}/call-off`, { reason: 'No projector at all' });

    const moved: ShowChanged = {
      showId,
      termsVersion: 1,
      at: expect.any(String) as unknown as string,
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
    // Whoever missed it sees the number of changes: at the next beat, on joining, and with the show itself.
    await inSeatLine.next('show:version', ({ termsVersion }) => termsVersion === 2);
    const late = await two.nodes.connect(1);
    expect(await late.ask('show:join', { showId })).toMatchObject({ access: 'open', termsVersion: 2 });
    expect(await two.read<Show>(1, `/v1/shows/${showId}`)).toMatchObject({ ...calledOff, termsVersion: 2, startsAt });
    for (const socket of [shopper, inSeatLine, inEntryLine, elsewhere, late]) {
      expect(socket.heard.filter(({ event }) => event === 'show:changed')).toEqual([]);
    }
  });

  it('sell what is held already at its old price', async () => {
    const showId = await two.show();
    const caller = await RestCaller.begin(two.url(1));
    const payer = new Payer(caller);
    const held = await payer.hold(showId, [0]);
    await two.administrate('PATCH', String(showId), { prices: { standard: 4444 } });
    expect((await payer.booking(held)).total.amount).toBe(1250);
    expect((await payer.start(held)).price.amount).toBe(1250);
    expect((await payer.hold(showId, [1])).total.amount).toBe(4444);
  });

  it('keep in the log why and by whom each change was made, and never a key', async () => {
    const showId = await two.show();
    const office: ApiKeyMade = await makeKey(two.url(0), { name: 'Office', roles: ['admin'] });
    const by = { keyId: office.keyId, name: 'Office' };
    const seats = { seats: [3], reason: 'A broken chair' };
    await two.administrate('POST', `${showId}/blocks`, seats, office.key);
    await two.administrate('DELETE', `${showId}/blocks`, { ...seats, reason: 'Mended' }, office.key);
    await two.administrate('PATCH', String(showId), { prices: { standard: 900 }, reason: 'A sale' }, office.key);
    await two.administrate('POST', `${showId}/call-off`, { reason: 'Nobody came' });
    const log = await two.administrate<{ items: ShowLogEntry[] }>('GET', `${showId}/log`);
    const changes = log.items.flatMap((entry) => entry.changes);
    expect(changes).toMatchObject([
      { type: 'blocked', seats: [3], reason: 'A broken chair', actor: by },
      { type: 'unblocked', seats: [3], reason: 'Mended', actor: by },
      {
        type: 'termsChanged',
        reason: 'A sale',
        actor: by,
        before: { prices: { standard: 1250 } },
        terms: { prices: { standard: 900 } },
      },
      { type: 'calledOff', reason: 'Nobody came', actor: { keyId: null, name: 'ADMIN_API_KEY' } },
    ]);
    expect(JSON.stringify(log)).not.toContain(office.key);
    expect(JSON.stringify(log)).not.toContain(adminKey);
  });

  it('move a show into the time of another only if that one is gone, and refuse nobody else meanwhile', async () => {
    const [showId, otherId] = [await two.show(), await two.show({ startsAt: new Date(Date.now() + 300 * hour) })];
    await two.nodes.pool.query('update show set hall_id = (select hall_id from show where id = $1) where id = $2', [
      showId,
      otherId,
    ]);
    const other = await two.read<Show>(0, `/v1/shows/${otherId}`);
    const admin = await RestCaller.begin(two.url(0));
    const move = () =>
      admin.call('PATCH', `/v1/admin/shows/${showId}`, { startsAt: other.startsAt }, { 'x-api-key': adminKey });
    const buyers = await Promise.all(Array.from({ length: 5 }, () => RestCaller.begin(two.url(0))));
    const [moved, ...held] = await Promise.all([
      move(),
      ...buyers.map((buyer, seat) => buyer.call('POST', `/v1/shows/${showId}/reservations`, { seats: [seat] })),
    ]);
    expect(moved).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST', issues: [{ path: 'startsAt' }] } });
    expect(held.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    await two.administrate('POST', `${otherId}/call-off`, { reason: 'No light' });
    expect(await move()).toMatchObject({ status: 200, body: { startsAt: other.startsAt } });
  });

  it('let one of two shows have the time that both are moved to at once, and hold seats of both meanwhile', async () => {
    const hallOf = 'update show set hall_id = (select hall_id from show where id = $1) where id = $2';
    for (let round = 0; round < 5; round++) {
      const showIds = [await two.show(), await two.show({ startsAt: new Date(Date.now() + 300 * hour) })];
      await two.nodes.pool.query(hallOf, showIds);
      const startsAt = new Date(Date.now() + (500 + 10 * round) * hour).toISOString();
      const callers = await Promise.all([0, 1].map((node) => RestCaller.begin(two.url(node))));
      const key = { 'x-api-key': adminKey };
      const calls = callers.map((caller, node) => [
        caller.call('PATCH', `/v1/admin/shows/${showIds[node]}`, { startsAt }, key),
        caller.call('POST', `/v1/shows/${showIds[node]}/reservations`, { seats: [0] }),
      ]);
      const answers = await Promise.all(calls.map((ofNode) => Promise.all(ofNode)));
      // The loser may be told to try again; then it hears why it cannot have the time.
      const moves = await Promise.all(
        answers.map(async ([move], node) =>
          move!.status === 503
            ? callers[node]!.call('PATCH', `/v1/admin/shows/${showIds[node]}`, { startsAt }, key)
            : move!,
        ),
      );
      expect(moves.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 400]);
      expect(answers.map(([, hold]) => [201, 503].includes(hold!.status))).toEqual([true, true]);
    }
  });
});

describe('two nodes that hear nothing from each other', () => {
  let two: TwoNodes;

  beforeAll(async () => {
    two = await TwoNodes.start({});
  });

  afterAll(() => two.nodes.close());

  it('tell their viewers of a change by reading the log', async () => {
    const showId = await two.show();
    const viewer = await two.nodes.connect(1);
    expect(await viewer.ask('show:join', { showId })).toMatchObject({ termsVersion: 0 });
    await two.administrate('PATCH', String(showId), { prices: { standard: 4444 }, reason: 'Inflation' });
    expect(await viewer.next('show:changed')).toMatchObject({ changed: ['prices'], reason: 'Inflation' });
    expect(await viewer.ask('reservation:create', { showId, seats: [0] })).toMatchObject({
      booking: { total: { amount: 4444 } },
    });
  });
});
