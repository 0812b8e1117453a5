import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ApiKeyMade, Booking, Mail, WebhookDelivery, WebhookEndpointMade } from '@usher/contract';
import type pg from 'pg';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { startApp, type TestApp } from '../../support/app.js';
import { book, refund } from '../../support/booked.js';
import { testPool } from '../../support/database.js';
import { calendarOf } from '../../support/mail-calendar.js';
import { TestMailbox } from '../../support/mailbox.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { until } from '../../support/until.js';
import { WebhookListener } from '../../support/webhook-listener.js';

let app: TestApp;
let pool: pg.Pool;
let buyer: RestCaller;
let mailbox: TestMailbox;
let partner: ApiKeyMade;
const listeners: WebhookListener[] = [];

beforeAll(async () => {
  mailbox = await TestMailbox.start();
  app = await startApp({
    demo: false,
    env: { ADMIN_API_KEY: adminKey, SMTP_URL: mailbox.url, WEBHOOK_PRIVATE_HOSTS: 'true' },
  });
  pool = testPool(app.databaseUrl);
  buyer = await RestCaller.begin(app.url);
  partner = await makeKey(app.url, { name: 'Seller', roles: ['partner'] });
});

afterAll(async () => {
  for (const listener of listeners) await listener.close();
  await pool.end();
  await app.close();
  await mailbox.close();
});

const withKey = (key: string) => ({ 'x-api-key': key });
const callOff = (showId: number) =>
  buyer.call('POST', `/v1/admin/shows/${showId}/call-off`, { reason: 'a test' }, withKey(adminKey));

/** Holds seats, sets the buyer's address, and has the seats paid. */
async function bookWithMail(showId: number, seats: number[], email: string): Promise<Booking> {
  const held = await buyer.call('POST', `/v1/shows/${showId}/reservations`, { seats });
  const contactCall = await buyer.call('PUT', `/v1/bookings/${String(held.body.bookingId)}/contact`, { email });
  expect([contactCall.status, contactCall.body]).toEqual([200, { email }]);
  return book(pool, buyer, showId, held.body as unknown as Booking);
}

describe('mails to a buyer who set an address', () => {
  it('contain the tickets once, as a PDF and a calendar file', async () => {
    const showId = await makeShow(pool);
    await bookWithMail(showId, [3, 4], 'ada@example.com');
    const [mail] = await mailbox.to('ada@example.com');
    expect(mail!.subject).toBe('Your tickets: A Test');
    expect(mail!.text).toContain('Your seats: A4, A5.');
    expect(mail!.attachments.map(({ filename, contentType }) => [filename, contentType])).toEqual([
      ['tickets.pdf', 'application/pdf'],
      ['show.ics', 'text/calendar'],
    ]);
    expect(mail!.attachments[0]!.content.subarray(0, 5).toString()).toBe('%PDF-');
    expect(calendarOf(mail!)).toMatchObject({ charset: 'utf-8', method: 'PUBLISH', status: 'CONFIRMED' });
    // If the service sent the tickets twice, the second mail would arrive before this one.
    await bookWithMail(showId, [5], 'after-ada@example.com');
    await mailbox.to('after-ada@example.com');
    expect(await mailbox.to('ada@example.com')).toHaveLength(1);
  });

  it('report the refund when seats are given back, and when the show is called off', async () => {
    const showId = await makeShow(pool);
    const booking = await bookWithMail(showId, [0, 1], 'ben@example.com');
    await refund(pool, buyer, booking, [0]);
    // Each mail is sent on its own, so a mail with a PDF may arrive after a later mail.
    const findMail = async (subject: string, count: number) =>
      (await mailbox.to('ben@example.com', count)).find((mail) => mail.subject === `${subject}: A Test`);
    const refunded = await findMail('Your refund', 2);
    expect(refunded!.text).toContain('€12.50 goes back');
    const entryAfterRefund = calendarOf(refunded!);
    expect(entryAfterRefund).toMatchObject({ method: 'PUBLISH', status: 'CONFIRMED' });
    expect((await callOff(showId)).status).toBe(200);
    const calledOff = await findMail('Called off', 3);
    expect(calledOff!.text).toContain('€12.50 goes back');
    const cancelled = calendarOf(calledOff!);
    expect(cancelled).toMatchObject({
      charset: 'utf-8',
      method: 'CANCEL',
      status: 'CANCELLED',
      uid: entryAfterRefund.uid,
    });
    expect(cancelled.sequence).toBeGreaterThan(entryAfterRefund.sequence);
  });

  it('repeat the tickets for a corrected address, but only a few times', async () => {
    const { bookingId } = await book(pool, buyer, await makeShow(pool), [0]);
    const path = `/v1/bookings/${bookingId}/contact`;
    for (let time = 0; time < 8; time++) await buyer.call('PUT', path, { email: 'cleo@example.com' });
    await mailbox.to('cleo@example.com', 5);
    const { rows } = await pool.query('select status, address from mail_message where booking_id = $1', [bookingId]);
    expect(rows).toHaveLength(5);
  });

  it('contain the tickets once when the buyer sets the address while the service writes the mail of the booking', async () => {
    const { showId, bookingId } = await book(pool, buyer, await makeShow(pool), [0]);
    // The trigger stops both writers after their decision, and the test then releases them together.
    const blockingClient = await pool.connect();
    const logClient = await pool.connect();
    try {
      await blockingClient.query(`create function stop_mails() returns trigger language plpgsql as
          $$ begin perform pg_advisory_xact_lock_shared(14); return new; end $$;
        create trigger stop_mails before insert on mail_message for each row execute function stop_mails();
        select pg_advisory_lock(14)`);
      await logClient.query('begin');
      await logClient.query(
        `insert into log_follower (show_id, follower, seq) values ($1, 'mail', 0)
         on conflict (show_id, follower) do update set seq = 0`,
        [showId],
      );
      const contactCall = buyer.call('PUT', `/v1/bookings/${bookingId}/contact`, { email: 'gus@example.com' });
      await until(() => isStopped(1));
      await logClient.query('commit');
      await buyer.call('DELETE', `/v1/shows/${showId}/queue`);
      await until(() => isStopped(2));
      await blockingClient.query('select pg_advisory_unlock(14)');
      expect((await contactCall).status).toBe(200);
    } finally {
      await blockingClient.query('drop trigger stop_mails on mail_message; drop function stop_mails');
      logClient.release();
      blockingClient.release();
    }
    await mailbox.to('gus@example.com');
    const written = await pool.query('select from mail_message where booking_id = $1', [bookingId]);
    expect(written.rowCount).toBe(1);
  });

  /** Returns true if exactly this many writers wait for the test. */
  async function isStopped(writers: number): Promise<boolean> {
    const { rowCount } = await pool.query(
      `select from pg_locks where locktype = 'advisory' and objid = 14 and not granted
         and database = (select oid from pg_database where datname = current_database())`,
    );
    return rowCount === writers;
  }

  it('leave out refunds from before the address was set, even if the service reads the log later', async () => {
    await pool.query('delete from booking_contact'); // Without any address, the service does not read the logs.
    const booking = await book(pool, buyer, await makeShow(pool), [0, 1, 2]);
    await refund(pool, buyer, booking, [0]);
    await buyer.call('PUT', `/v1/bookings/${booking.bookingId}/contact`, { email: 'finn@example.com' });
    await refund(pool, buyer, booking, [1]);
    const mails = await mailbox.to('finn@example.com', 2);
    expect(new Set(mails.map(({ subject }) => subject))).toEqual(
      new Set(['Your refund: A Test', 'Your tickets: A Test']),
    );
    const { rowCount } = await pool.query('select from mail_message where booking_id = $1', [booking.bookingId]);
    expect(rowCount).toBe(2);
  });

  it('do not make the service keep an address longer than a mail needs it', async () => {
    const booking = await bookWithMail(await makeShow(pool), [0], 'dora@example.com');
    await mailbox.to('dora@example.com');
    const all = await buyer.call('GET', '/v1/admin/mails?status=sent', undefined, withKey(adminKey));
    const mails = all.body.items as Mail[];
    expect(mails.find(({ bookingId }) => bookingId === booking.bookingId) ?? { to: null }).toMatchObject({ to: null });
    expect((await buyer.call('PUT', `/v1/bookings/${booking.bookingId}/contact`, { email: null })).status).toBe(200);
    const { rowCount } = await pool.query('select from booking_contact where booking_id = $1', [booking.bookingId]);
    expect(rowCount).toBe(0);
  });

  it('fail for an address that the mail server rejects, and are retried when the server is busy', async () => {
    mailbox.refusals.set('gone@example.com', 550).set('busy@example.com', 451);
    const [rejected, delayed] = [
      await bookWithMail(await makeShow(pool), [0], 'gone@example.com'),
      await bookWithMail(await makeShow(pool), [0], 'busy@example.com'),
    ];
    const readMailState = async ({ bookingId }: Booking) =>
      (await pool.query('select status, last_error as error from mail_message where booking_id = $1', [bookingId]))
        .rows[0];
    await until(
      async () =>
        (await readMailState(rejected))?.status === 'failed' && (await readMailState(delayed))?.error === '451',
    );
    expect([await readMailState(rejected), await readMailState(delayed)]).toEqual([
      { status: 'failed', error: '550' },
      { status: 'pending', error: '451' },
    ]);
    mailbox.refusals.clear();
    await pool.query(`update mail_message set due_at = now() where booking_id = $1`, [delayed.bookingId]);
    await mailbox.to('busy@example.com');
  });

  it('are retried when the mail server rejects the service itself', async () => {
    mailbox.refusesSenders = true;
    const { bookingId } = await bookWithMail(await makeShow(pool), [0], 'erin@example.com');
    const mailQuery = 'select status, last_error as error from mail_message where booking_id = $1';
    await until(async () => (await pool.query(mailQuery, [bookingId])).rows[0]?.error === '554');
    expect((await pool.query(mailQuery, [bookingId])).rows).toEqual([{ status: 'pending', error: '554' }]);
    mailbox.refusesSenders = false;
    await pool.query('update mail_message set due_at = now() where booking_id = $1', [bookingId]);
    await mailbox.to('erin@example.com');
  });

  it.each([
    ['a text without @', { email: 'nobody' }],
    ['two addresses', { email: 'a@example.com, b@example.com' }],
    ['a second header', { email: 'a@example.com\r\nBcc: b@example.com' }],
    ['no address', {}],
  ])('are refused for %s instead of one valid address', async (_, body) => {
    const held = await buyer.call('POST', `/v1/shows/${await makeShow(pool)}/reservations`, { seats: [0] });
    const path = `/v1/bookings/${String(held.body.bookingId)}/contact`;
    expect(await buyer.call('PUT', path, body)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    const stranger = await RestCaller.begin(app.url);
    expect(await stranger.call('PUT', path, { email: 'a@example.com' })).toMatchObject({ status: 403 });
  });
});

describe('webhooks to a partner', () => {
  async function registerEndpoint(events: string[], key = partner.key) {
    const listener = await WebhookListener.start();
    listeners.push(listener);
    const answer = await buyer.call('POST', '/v1/partners/webhooks', { url: listener.url, events }, withKey(key));
    expect(answer.status).toBe(201);
    return { listener, endpoint: answer.body as unknown as WebhookEndpointMade };
  }
  const listDeliveries = async ({ endpointId }: WebhookEndpointMade, query = '') => {
    const path = `/v1/partners/webhooks/${endpointId}/deliveries${query}`;
    return (await buyer.call('GET', path, undefined, withKey(partner.key))).body.items as WebhookDelivery[];
  };

  it('report bookings, refunds and shows since the registration, each signed and small', async () => {
    const showId = await makeShow(pool);
    const earlierBooking = await book(pool, buyer, showId, [9]);
    const { listener, endpoint } = await registerEndpoint(['booking.booked', 'booking.refunded', 'show.calledOff']);
    const booking = await book(pool, buyer, showId, [0, 1]);
    await refund(pool, buyer, booking, [0]);
    await callOff(showId);
    const calls = await listener.calls(5, ({ event }) => event.data.showId === showId);
    const listBookingIds = (type: string) =>
      calls.filter(({ event }) => event.type === type).map(({ event }) => event.data.bookingId);
    expect(listBookingIds('booking.booked')).toEqual([booking.bookingId]);
    const refunded = listBookingIds('booking.refunded').filter((id) => id !== null);
    expect(refunded).toHaveLength(3);
    expect(new Set(refunded)).toEqual(new Set([booking.bookingId, earlierBooking.bookingId]));
    expect(listBookingIds('show.calledOff')).toEqual([null]);
    for (const call of calls) {
      expect(WebhookListener.verified(endpoint.secret, call)).toEqual(call.event);
      expect(call.body.length).toBeLessThan(250);
      expect(() => WebhookListener.verified(endpoint.secret, { ...call, body: `${call.body} ` })).toThrow('signature');
    }
    expect(new Set(calls.map(({ id }) => id)).size).toBe(5);
  });

  it('report offers and expiries in the lines', async () => {
    const { listener } = await registerEndpoint(['line.offered', 'line.expired']);
    const showId = await makeShow(pool, { rows: 1, seatsPerRow: 1 });
    const held = await buyer.call('POST', `/v1/shows/${showId}/reservations`, { seats: [0] });
    const waiter = await RestCaller.begin(app.url);
    await waiter.call('POST', `/v1/shows/${showId}/queue`, { partySize: 1 });
    await buyer.call('DELETE', `/v1/bookings/${String(held.body.bookingId)}`);
    const [offered] = await listener.calls(1, ({ event }) => event.type === 'line.offered');
    expect(offered!.event.data).toEqual({ showId, line: 'seats', ticket: 1, bookingId: expect.any(String) });
  });

  it('are retried with the same id until the partner accepts them, and can be replayed', async () => {
    const { listener, endpoint } = await registerEndpoint(['booking.booked']);
    listener.answers = [500, 307];
    const { bookingId } = await book(pool, buyer, await makeShow(pool), [0]);
    await listener.calls(1);
    const makeDeliveriesDue = () =>
      pool.query(`update webhook_delivery set due_at = now() where endpoint_id = $1`, [endpoint.endpointId]);
    await until(async () => (await listDeliveries(endpoint))[0]?.lastResult === '500');
    expect(await listDeliveries(endpoint)).toMatchObject([
      { status: 'pending', attempts: 1, event: { data: { bookingId } }, nextAttemptAt: expect.any(String) },
    ]);
    await makeDeliveriesDue();
    await until(async () => (await listDeliveries(endpoint))[0]?.lastResult === '307');
    await makeDeliveriesDue();
    const [first, second, third] = await listener.calls(3);
    expect([second!.id, third!.id]).toEqual([first!.id, first!.id]);
    await until(async () => (await listDeliveries(endpoint, '?status=delivered')).length === 1);
    expect(listener.heard).toHaveLength(3); // The service did not follow the redirect of the second answer.

    const replay = (body: object) =>
      buyer.call('POST', `/v1/partners/webhooks/${endpoint.endpointId}/replays`, body, withKey(partner.key));
    expect(await replay({ deliveryId: first!.id })).toMatchObject({ status: 200, body: { deliveries: 1 } });
    const replayed = (await listener.calls(4))[3]!;
    expect([replayed.id, WebhookListener.verified(endpoint.secret, replayed)]).toEqual([first!.id, first!.event]);
    await until(async () => (await listDeliveries(endpoint, '?status=delivered')).length === 1);
    expect((await replay({ since: new Date(Date.now() - 60_000).toISOString() })).body).toEqual({ deliveries: 1 });
    expect((await replay({ since: new Date(Date.now() + 60_000).toISOString() })).body).toEqual({ deliveries: 0 });
    expect((await replay({})).status).toBe(400);
  });

  it('arrive at once while the server of another partner accepts calls but answers none', async () => {
    const [silent, other] = [await registerEndpoint(['show.calledOff']), await registerEndpoint(['booking.booked'])];
    silent.listener.isSilent = true;
    await pool.query(
      `insert into webhook_delivery (show_id, delivery_id, endpoint_id, event, due_at, give_up_at)
       select 1, gen_random_uuid(), $1, '{"type": "show.calledOff"}', now() - interval '1 minute', now() + interval '1 day'
       from generate_series(1, 200)`,
      [silent.endpoint.endpointId],
    );
    await silent.listener.calls(8);
    await book(pool, buyer, await makeShow(pool), [0]);
    await other.listener.calls(1);
    expect(silent.listener.heard.length).toBeLessThan(16);
    await pool.query('delete from webhook_delivery where endpoint_id = $1', [silent.endpoint.endpointId]);
  });

  it('are given up after three days, and stop when the partner answers that the address is gone', async () => {
    const { listener, endpoint } = await registerEndpoint(['booking.booked']);
    listener.answers = [503, 503, 410];
    const showId = await makeShow(pool);
    await book(pool, buyer, showId, [0]);
    await until(async () => (await listDeliveries(endpoint))[0]?.lastResult === '503');
    await pool.query(
      `update webhook_delivery set due_at = now(), give_up_at = now() + interval '3 s' where endpoint_id = $1`,
      [endpoint.endpointId],
    );
    await until(async () => (await listDeliveries(endpoint))[0]?.status === 'failed');
    await book(pool, buyer, showId, [1]);
    await listener.calls(3);
    await until(async () => (await listDeliveries(endpoint))[0]?.lastResult === '410');
    const list = await buyer.call('GET', '/v1/partners/webhooks', undefined, withKey(partner.key));
    expect(list.body.items).toContainEqual(
      expect.objectContaining({ endpointId: endpoint.endpointId, goneAt: expect.any(String) }),
    );
    await book(pool, buyer, showId, [2]);
    await until(async () => (await listDeliveries(endpoint)).length === 2);
    expect(listener.heard).toHaveLength(3);
  });

  it('belong to the partner who registered them, and stop when the partner’s key is revoked', async () => {
    const other = await makeKey(app.url, { name: 'Other', roles: ['partner'] });
    const { listener, endpoint } = await registerEndpoint(['booking.booked'], other.key);
    const { listener: witness } = await registerEndpoint(['booking.booked']);
    const path = `/v1/partners/webhooks/${endpoint.endpointId}`;
    for (const [method, at] of [
      ['DELETE', path],
      ['GET', `${path}/deliveries`],
    ] as const) {
      expect((await buyer.call(method, at, undefined, withKey(partner.key))).status).toBe(404);
    }
    await buyer.call('DELETE', `/v1/admin/api-keys/${other.keyId}`, undefined, withKey(adminKey));
    await book(pool, buyer, await makeShow(pool), [0]);
    await witness.calls(1);
    expect(listener.heard).toEqual([]);
    expect(
      (await pool.query('select from webhook_delivery where endpoint_id = $1', [endpoint.endpointId])).rowCount,
    ).toBe(0);
  });

  it.each([
    ['no URL', { url: 'nonsense', events: ['booking.booked'] }],
    ['another protocol', { url: 'ftp://partner.example', events: ['booking.booked'] }],
    ['a password', { url: 'https://a:b@partner.example', events: ['booking.booked'] }],
    ['no event', { url: 'https://partner.example', events: [] }],
    ['an unknown event', { url: 'https://partner.example', events: ['booking.dreamt'] }],
  ])('cannot be registered with %s', async (_, body) => {
    const answer = await buyer.call('POST', '/v1/partners/webhooks', body, withKey(partner.key));
    expect([answer.status, answer.body.code]).toEqual([400, 'INVALID_REQUEST']);
  });
});
