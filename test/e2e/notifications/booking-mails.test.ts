import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Booking, endpoints } from '@usher/contract';
import { readConfig } from '../../../src/config/config.js';
import { MailsRepository } from '../../../src/mail/mails.repository.js';
import { adminKey } from '../../support/api-keys.js';
import { validate } from '../../support/contract-shapes.js';
import { setUpApp } from '../../support/file-app.js';
import { book, refund } from '../../support/book-seats.js';
import { readCalendar } from '../../support/mail-calendar.js';
import { TestMailbox } from '../../support/mailbox.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { tablesWith } from '../../support/database-text.js';
import { waitUntil } from '../../support/wait-until.js';

let mailbox: TestMailbox;
let buyer: RestCaller;

beforeAll(async () => {
  mailbox = await TestMailbox.start();
});

const app = setUpApp({ env: () => ({ ADMIN_API_KEY: adminKey, SMTP_URL: mailbox.url }) });

// Each test has its own buyer, because the number of addresses that one buyer may set is limited.
beforeEach(async () => {
  buyer = await RestCaller.begin(app.url);
});

afterAll(() => mailbox.close());

const withKey = (key: string) => ({ 'x-api-key': key });
const callOff = (showId: number) =>
  buyer.call('POST', `/v1/admin/shows/${showId}/call-off`, { reason: 'a test' }, withKey(adminKey));

/** Holds seats, sets the buyer's mail address, and pays for the seats. */
async function bookWithMail(showId: number, seats: number[], email: string): Promise<Booking> {
  const held = await buyer.call('POST', `/v1/shows/${showId}/reservations`, { seats });
  const contactCall = await buyer.call('PUT', `/v1/bookings/${String(held.body.bookingId)}/contact`, { email });
  expect([contactCall.status, contactCall.body]).toEqual([200, { email }]);
  return book(app.pool, buyer, showId, validate(Booking, held.body));
}

describe('mails to a buyer who set an address', () => {
  it('contain the tickets as a PDF and a calendar file, and only one mail contains them', async () => {
    const showId = await makeShow(app.pool);
    await bookWithMail(showId, [3, 4], 'ada@example.com');
    const [mail] = await mailbox.waitForMails('ada@example.com');
    expect(mail!.subject).toBe('Your tickets: A Test');
    expect(mail!.text).toContain('Your seats: A4, A5.');
    expect(mail!.attachments.map(({ filename, contentType }) => [filename, contentType])).toEqual([
      ['tickets.pdf', 'application/pdf'],
      ['show.ics', 'text/calendar'],
    ]);
    expect(mail!.attachments[0]!.content.subarray(0, 5).toString()).toBe('%PDF-');
    expect(readCalendar(mail!)).toMatchObject({ charset: 'utf-8', method: 'PUBLISH', status: 'CONFIRMED' });
    // If the service sent the tickets twice, the second mail would arrive before the mail about this booking.
    await bookWithMail(showId, [5], 'after-ada@example.com');
    await mailbox.waitForMails('after-ada@example.com');
    expect(await mailbox.waitForMails('ada@example.com')).toHaveLength(1);
  });

  it('report the refund when seats are given back, and when the show is called off', async () => {
    const showId = await makeShow(app.pool);
    const booking = await bookWithMail(showId, [0, 1], 'ben@example.com');
    await refund(app.pool, buyer, booking, [0]);
    // Mails are sent independently of each other, so a mail with a PDF may arrive after a later mail.
    const findMail = async (subject: string, count: number) =>
      (await mailbox.waitForMails('ben@example.com', count)).find((mail) => mail.subject === `${subject}: A Test`);
    const refunded = await findMail('Your refund', 2);
    expect(refunded!.text).toContain('€12.50 goes back');
    const entryAfterRefund = readCalendar(refunded!);
    expect(entryAfterRefund).toMatchObject({ method: 'PUBLISH', status: 'CONFIRMED' });
    expect((await callOff(showId)).status).toBe(200);
    const calledOff = await findMail('Called off', 3);
    expect(calledOff!.text).toContain('€12.50 goes back');
    const cancelled = readCalendar(calledOff!);
    expect(cancelled).toMatchObject({
      charset: 'utf-8',
      method: 'CANCEL',
      status: 'CANCELLED',
      uid: entryAfterRefund.uid,
    });
    expect(cancelled.sequence).toBeGreaterThan(entryAfterRefund.sequence);
  });

  it('contain the tickets again whenever the buyer sets the address again, but at most five times', async () => {
    const { bookingId } = await book(app.pool, buyer, await makeShow(app.pool), [0]);
    const path = `/v1/bookings/${bookingId}/contact`;
    for (let time = 0; time < 8; time++) await buyer.call('PUT', path, { email: 'cleo@example.com' });
    await mailbox.waitForMails('cleo@example.com', 5);
    const { rows } = await app.pool.query('select status, address from mail_message where booking_id = $1', [
      bookingId,
    ]);
    expect(rows).toHaveLength(5);
  });

  it('contain the tickets once, even if the buyer sets the address while the service writes the mail about the booking', async () => {
    const { showId, bookingId } = await book(app.pool, buyer, await makeShow(app.pool), [0]);
    // The trigger stops both writers after they have decided to write a mail. Then the test lets both continue at the
    // same time.
    const blockingClient = await app.pool.connect();
    const logClient = await app.pool.connect();
    try {
      await blockingClient.query(`create function stop_mails() returns trigger language plpgsql as
          $$ begin perform pg_advisory_xact_lock_shared(14); return new; end $$;
        create trigger stop_mails before insert on mail_message for each row execute function stop_mails();
        select pg_advisory_lock(14)`);
      await logClient.query('begin');
      await logClient.query(
        `insert into log_consumer (show_id, consumer, seq) values ($1, 'mail', 0)
         on conflict (show_id, consumer) do update set seq = 0`,
        [showId],
      );
      const contactCall = buyer.call('PUT', `/v1/bookings/${bookingId}/contact`, { email: 'gus@example.com' });
      await waitUntil(() => isStopped(1));
      await logClient.query('commit');
      await buyer.call('DELETE', `/v1/shows/${showId}/queue`);
      await waitUntil(() => isStopped(2));
      await blockingClient.query('select pg_advisory_unlock(14)');
      expect((await contactCall).status).toBe(200);
    } finally {
      await blockingClient.query('drop trigger stop_mails on mail_message; drop function stop_mails');
      logClient.release();
      blockingClient.release();
    }
    await mailbox.waitForMails('gus@example.com');
    const written = await app.pool.query('select from mail_message where booking_id = $1', [bookingId]);
    expect(written.rowCount).toBe(1);
  });

  /** Returns true if exactly this many writers wait for the test. */
  async function isStopped(writers: number): Promise<boolean> {
    const { rowCount } = await app.pool.query(
      `select from pg_locks where locktype = 'advisory' and objid = 14 and not granted
         and database = (select oid from pg_database where datname = current_database())`,
    );
    return rowCount === writers;
  }

  it('leave out refunds from before the address was set, even if the service reads the log later', async () => {
    await app.pool.query('delete from booking_contact'); // If no booking has an address, nothing reads the logs.
    const booking = await book(app.pool, buyer, await makeShow(app.pool), [0, 1, 2]);
    await refund(app.pool, buyer, booking, [0]);
    await buyer.call('PUT', `/v1/bookings/${booking.bookingId}/contact`, { email: 'finn@example.com' });
    await refund(app.pool, buyer, booking, [1]);
    const mails = await mailbox.waitForMails('finn@example.com', 2);
    expect(new Set(mails.map(({ subject }) => subject))).toEqual(
      new Set(['Your refund: A Test', 'Your tickets: A Test']),
    );
    const { rowCount } = await app.pool.query('select from mail_message where booking_id = $1', [booking.bookingId]);
    expect(rowCount).toBe(2);
  });

  it('leave no address in a mail that was sent, and none in a booking after the buyer has erased it', async () => {
    const booking = await bookWithMail(await makeShow(app.pool), [0], 'dora@example.com');
    await mailbox.waitForMails('dora@example.com');
    const all = await buyer.call('GET', '/v1/admin/mails?status=sent', undefined, withKey(adminKey));
    const mails = validate(endpoints.listMails.answer, all.body).items;
    expect(mails.find(({ bookingId }) => bookingId === booking.bookingId) ?? { to: null }).toMatchObject({ to: null });
    expect((await buyer.call('PUT', `/v1/bookings/${booking.bookingId}/contact`, { email: null })).status).toBe(200);
    const { rowCount } = await app.pool.query('select from booking_contact where booking_id = $1', [booking.bookingId]);
    expect(rowCount).toBe(0);
  });

  it('are deleted with the address if they are not sent yet, and follow the address if it changes', async () => {
    const addresses = ['pending@example.com', 'failing@example.com', 'old@example.com'] as const;
    const [pending, failing, old] = addresses;
    mailbox.refusals.set(pending, 451).set(failing, 550).set(old, 451);
    const mailsOf = async ({ bookingId }: Booking) =>
      (
        await app.pool.query('select kind, address, last_error as error from mail_message where booking_id = $1', [
          bookingId,
        ])
      ).rows;
    const hasTried = async (booking: Booking, count: number) =>
      (await mailsOf(booking)).filter(({ error }) => error !== null).length === count;
    const bookings: Booking[] = [];
    for (const address of addresses) bookings.push(await bookWithMail(await makeShow(app.pool), [0, 1], address));
    const [toErase, rejected, toChange] = [bookings[0]!, bookings[1]!, bookings[2]!];
    await refund(app.pool, buyer, toChange, [1]);
    await waitUntil(async () => (await hasTried(toErase, 1)) && (await hasTried(rejected, 1)) && hasTried(toChange, 2));

    for (const { bookingId } of [toErase, rejected]) {
      expect((await buyer.call('PUT', `/v1/bookings/${bookingId}/contact`, { email: null })).status).toBe(200);
    }
    expect([await mailsOf(toErase), await mailsOf(rejected)]).toEqual([[], []]);
    expect(await tablesWith(app.pool, [pending, failing])).toEqual([]);

    const path = `/v1/bookings/${toChange.bookingId}/contact`;
    expect((await buyer.call('PUT', path, { email: 'new@example.com' })).status).toBe(200);
    await app.pool.query('update mail_message set due_at = now() where booking_id = $1', [toChange.bookingId]);
    const mails = await mailbox.waitForMails('new@example.com', 2);
    expect(new Set(mails.map(({ subject }) => subject))).toEqual(
      new Set(['Your refund: A Test', 'Your tickets: A Test']),
    );
    expect(await tablesWith(app.pool, [old])).toEqual([]);
  });

  it('are deleted with the address if the service writes them at the same time', async () => {
    const booking = await book(app.pool, buyer, await makeShow(app.pool), [0]);
    mailbox.refusals.set('racing@example.com', 451);
    const path = `/v1/bookings/${booking.bookingId}/contact`;
    await buyer.call('PUT', path, { email: 'racing@example.com' });
    // A transaction of another node has inserted a mail to the address, and has not committed yet.
    const writer = await app.pool.connect();
    try {
      await writer.query('begin');
      const { rows } = await writer.query<{ pid: number }>('select pg_backend_pid() as pid');
      const settings = { contactRetentionDays: 30, mailRetentionDays: 30 };
      const event = { bookingId: booking.bookingId, kind: 'calledOff', refundId: null, at: Date.now() + 1000 } as const;
      await new MailsRepository(app.pool, { ...readConfig({}), ...settings }).add(writer, booking.showId, [event]);
      const erased = buyer.call('PUT', path, { email: null });
      await waitUntil(async () => {
        const waiting = 'select from pg_stat_activity where $1 = any (pg_blocking_pids(pid))';
        return ((await app.pool.query(waiting, [rows[0]!.pid])).rowCount ?? 0) > 0;
      });
      await writer.query('commit');
      expect((await erased).status).toBe(200);
    } finally {
      writer.release();
    }
    expect(await tablesWith(app.pool, ['racing@example.com'])).toEqual([]);
  });

  it('fail if the mail server rejects the address, and are retried if the server is busy', async () => {
    mailbox.refusals.set('gone@example.com', 550).set('busy@example.com', 451);
    const [rejected, delayed] = [
      await bookWithMail(await makeShow(app.pool), [0], 'gone@example.com'),
      await bookWithMail(await makeShow(app.pool), [0], 'busy@example.com'),
    ];
    const readMailState = async ({ bookingId }: Booking) =>
      (await app.pool.query('select status, last_error as error from mail_message where booking_id = $1', [bookingId]))
        .rows[0];
    await waitUntil(
      async () =>
        (await readMailState(rejected))?.status === 'failed' && (await readMailState(delayed))?.error === '451',
    );
    expect([await readMailState(rejected), await readMailState(delayed)]).toEqual([
      { status: 'failed', error: '550' },
      { status: 'pending', error: '451' },
    ]);
    mailbox.refusals.clear();
    await app.pool.query(`update mail_message set due_at = now() where booking_id = $1`, [delayed.bookingId]);
    await mailbox.waitForMails('busy@example.com');
  });

  it('are retried if the mail server rejects the service itself', async () => {
    mailbox.isRefusingSenders = true;
    const { bookingId } = await bookWithMail(await makeShow(app.pool), [0], 'erin@example.com');
    const mailQuery = 'select status, last_error as error from mail_message where booking_id = $1';
    await waitUntil(async () => (await app.pool.query(mailQuery, [bookingId])).rows[0]?.error === '554');
    expect((await app.pool.query(mailQuery, [bookingId])).rows).toEqual([{ status: 'pending', error: '554' }]);
    mailbox.isRefusingSenders = false;
    await app.pool.query('update mail_message set due_at = now() where booking_id = $1', [bookingId]);
    await mailbox.waitForMails('erin@example.com');
  });

  it.each([
    ['a text without @', { email: 'nobody' }],
    ['two addresses', { email: 'a@example.com, b@example.com' }],
    ['a second header', { email: 'a@example.com\r\nBcc: b@example.com' }],
    ['no address', {}],
  ])('cannot be requested with %s instead of one valid address', async (_, body) => {
    const held = await buyer.call('POST', `/v1/shows/${await makeShow(app.pool)}/reservations`, { seats: [0] });
    const path = `/v1/bookings/${String(held.body.bookingId)}/contact`;
    expect(await buyer.call('PUT', path, body)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    const stranger = await RestCaller.begin(app.url);
    expect(await stranger.call('PUT', path, { email: 'a@example.com' })).toMatchObject({ status: 403 });
  });
});
