import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiKeyMade, type Booking, toBookingCode, type MailWithText } from '@usher/contract';
import { SignJWT } from 'jose';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { startApp, type TestApp } from '../../support/app.js';
import { book } from '../../support/booked.js';
import { createTestDatabase, testEnvironment, testPool } from '../../support/database.js';
import { TestMailbox } from '../../support/mailbox.js';
import { ServiceProcess } from '../../support/process.js';
import { type RestAnswer, RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';

const publicUrl = 'https://seats.example.com';
const secret = new TextEncoder().encode(testEnvironment('')['SESSION_SECRET']);
const rules = { refunds: { deadlineMinutes: 60, feeAmount: 0 } };

let app: TestApp;
let pool: pg.Pool;
let buyer: RestCaller;
let mailbox: TestMailbox;
let staff: ApiKeyMade;
let kiosk: ApiKeyMade;
let addresses = 0;

beforeAll(async () => {
  mailbox = await TestMailbox.start();
  const env = { ADMIN_API_KEY: adminKey, SMTP_URL: mailbox.url, PUBLIC_URL: publicUrl };
  app = await startApp({ demo: false, env });
  pool = testPool(app.databaseUrl, 2);
  buyer = await RestCaller.begin(app.url);
  staff = await makeKey(app.url, { roles: ['staff'] });
  kiosk = await makeKey(app.url, { roles: ['kiosk'] });
});

afterAll(async () => {
  await pool.end();
  await app.close();
  await mailbox.close();
});

/** Sends a request without a session token. */
async function callWithoutSession(method: string, path: string, headers: Record<string, string>, body?: unknown) {
  const answer = await fetch(app.url + path, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = /json/.test(answer.headers.get('content-type') ?? '');
  return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : {} } as RestAnswer;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const withKey = ({ key }: ApiKeyMade) => ({ 'x-api-key': key });

/** Returns the access token of the link in the newest of the expected mails to an address. */
async function readLinkToken(email: string, { bookingId }: Booking, mails = 1): Promise<string> {
  const text = (await mailbox.to(email, mails)).at(-1)!.text ?? '';
  const [, id, token] = new RegExp(`${publicUrl}/bookings/(\\S+)#access=(\\S+)`).exec(text) ?? [];
  expect(id).toBe(bookingId);
  return token ?? '';
}

interface MailedBooking {
  readonly booking: Booking;
  readonly email: string;
  readonly token: string;
  readonly path: string;
}

/** Books seats and sets an address, so that the buyer is mailed a link to the booking. */
async function bookAndMail(seats = [0, 1], startsAt?: Date): Promise<MailedBooking> {
  const booking = await book(pool, buyer, await makeShow(pool, { rules, ...(startsAt && { startsAt }) }), seats);
  const email = `buyer-${++addresses}@example.com`;
  const path = `/v1/bookings/${booking.bookingId}`;
  await buyer.call('PUT', `${path}/contact`, { email });
  return { booking, email, token: await readLinkToken(email, booking), path };
}

const expectedRefusal = (reason: RegExp) => ({
  status: 401,
  body: { code: 'UNAUTHENTICATED', detail: expect.stringMatching(reason) },
});

describe('the link in a mail', () => {
  it('is in every mail about the booking, together with the booking code', async () => {
    const { booking, email } = await bookAndMail();
    await buyer.call('POST', `/v1/bookings/${booking.bookingId}/refunds`, { seats: [0] });
    const mails = await mailbox.to(email, 2);
    for (const { text } of mails) {
      expect(text).toContain(`Your booking: ${booking.code}. The box office finds it by this code.`);
      expect(text).toMatch(new RegExp(`${publicUrl}/bookings/${booking.bookingId}#access=booking\\.`));
    }
  });

  it('lets a caller without a session read the booking, its tickets and refunds, and give seats back', async () => {
    const { booking, token, path } = await bookAndMail();
    expect(await callWithoutSession('GET', path, bearer(token))).toMatchObject({
      status: 200,
      body: { code: booking.code },
    });
    const tickets = await callWithoutSession('GET', `${path}/tickets`, bearer(token));
    expect([tickets.status, (tickets.body['items'] as unknown[]).length]).toEqual([200, 2]);
    for (const accept of ['application/pdf', 'text/calendar']) {
      const { status, headers } = await callWithoutSession('GET', `${path}/tickets`, { ...bearer(token), accept });
      expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining(accept)]);
    }
    const refunded = await callWithoutSession('POST', `${path}/refunds`, bearer(token), { seats: [0] });
    expect(refunded).toMatchObject({ status: 200, body: { seats: [{ seat: 1 }] } });
    expect((await callWithoutSession('GET', `${path}/refunds`, bearer(token))).status).toBe(200);
  });

  it('opens no other booking of the session, and is no session token', async () => {
    const [{ token }, other] = [await bookAndMail(), await bookAndMail()];
    const { showId } = other.booking;
    const answers = [
      await callWithoutSession('GET', other.path, bearer(token)),
      await callWithoutSession('GET', `${other.path}/tickets`, bearer(token)),
      await callWithoutSession('POST', `${other.path}/refunds`, bearer(token)),
      await callWithoutSession('PUT', `${other.path}/contact`, bearer(token), { email: 'thief@example.com' }),
      await callWithoutSession('DELETE', `${other.path}/links`, bearer(token)),
      await callWithoutSession('GET', `/v1/bookings/${uuidv7()}`, bearer(token)),
      await callWithoutSession('GET', `/v1/bookings?showId=${showId}`, bearer(token)),
      await callWithoutSession('GET', `/v1/bookings?code=${other.booking.code}`, bearer(token)),
    ];
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(answers.map(() => [403, 'FORBIDDEN']));
    const answersAsSession = [
      await callWithoutSession('POST', `/v1/shows/${showId}/reservations`, bearer(token), { seats: [9] }),
      await callWithoutSession('GET', `/v1/shows/${showId}/queue`, bearer(token)),
    ];
    expect(answersAsSession.map(({ status }) => status)).toEqual([401, 401]);
    await expect(TestSocket.connect(app.url, { auth: { token } })).rejects.toMatchObject({
      data: { code: 'UNAUTHENTICATED' },
    });
    const renewed = await callWithoutSession('POST', '/v1/sessions', bearer(token));
    expect(renewed.body['sessionId']).not.toBe(buyer.session.sessionId);
  });

  it('is rejected with the reason when it was cut off, changed, or signed as a session token', async () => {
    const { token, path, booking } = await bookAndMail();
    const sessionToken = await new SignJWT({ sub: booking.bookingId, aud: 'usher-session', rev: 0 })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('1 day')
      .sign(secret);
    const [header, payload, signature] = token.slice('booking.'.length).split('.');
    const claims = { ...JSON.parse(Buffer.from(payload!, 'base64url').toString()), exp: 4_000_000_000 };
    const changed = Buffer.from(JSON.stringify(claims)).toString('base64url');
    for (const invalidToken of [
      token.slice(0, -5),
      `booking.${header}.${changed}.${signature}`,
      `booking.${sessionToken}`,
      'booking.',
    ]) {
      expect(await callWithoutSession('GET', path, bearer(invalidToken))).toMatchObject(expectedRefusal(/was changed/));
    }
    expect((await callWithoutSession('GET', path, bearer(token.slice('booking.'.length)))).status).toBe(401);
  });

  it('expires 30 days after the show', async () => {
    const dayMs = 24 * 60 * 60 * 1000;
    const { token, path, booking } = await bookAndMail([0], new Date(Date.now() + 10 * dayMs));
    const { exp } = JSON.parse(Buffer.from(token.split('.')[2]!, 'base64url').toString()) as { exp: number };
    expect(Math.abs(exp * 1000 - Date.now() - 40 * dayMs)).toBeLessThan(dayMs);
    const expiredToken = await new SignJWT({ sub: booking.bookingId, aud: 'usher-booking', rev: 0 })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('-1 minute')
      .sign(secret);
    expect(await callWithoutSession('GET', path, bearer(`booking.${expiredToken}`))).toMatchObject(
      expectedRefusal(/has expired/),
    );
  });

  it('is revoked when the address changes or is erased, and stays valid when the same address is set again', async () => {
    const { booking, email, token, path } = await bookAndMail();
    await buyer.call('PUT', `${path}/contact`, { email });
    expect((await callWithoutSession('GET', path, bearer(token))).status).toBe(200);
    const otherEmail = `other-${email}`;
    await buyer.call('PUT', `${path}/contact`, { email: otherEmail });
    expect(await callWithoutSession('GET', path, bearer(token))).toMatchObject(expectedRefusal(/was revoked/));
    const newToken = await readLinkToken(otherEmail, booking);
    expect((await callWithoutSession('GET', `${path}/tickets`, bearer(newToken))).status).toBe(200);
    await buyer.call('PUT', `${path}/contact`, { email: null });
    expect(await callWithoutSession('GET', `${path}/tickets`, bearer(newToken))).toMatchObject(
      expectedRefusal(/was revoked/),
    );
  });

  it('can be revoked by staff and by the buyer', async () => {
    for (const headers of [withKey(staff), bearer(buyer.session.token)]) {
      const { token, path } = await bookAndMail();
      expect((await callWithoutSession('DELETE', `${path}/links`, headers)).status).toBe(204);
      expect(await callWithoutSession('GET', path, bearer(token))).toMatchObject(expectedRefusal(/was revoked/));
      expect((await buyer.call('GET', path)).status).toBe(200);
    }
  });

  it('is left out of a mail to an address that the buyer replaced before the mail was sent', async () => {
    const booking = await book(pool, buyer, await makeShow(pool), [0]);
    const path = `/v1/bookings/${booking.bookingId}/contact`;
    mailbox.refusals.set('wrong@example.com', 451);
    await buyer.call('PUT', path, { email: 'wrong@example.com' });
    await buyer.call('PUT', path, { email: 'right@example.com' });
    await readLinkToken('right@example.com', booking);
    mailbox.refusals.clear();
    await pool.query('update mail_message set due_at = now() where booking_id = $1', [booking.bookingId]);
    const [lateMail] = await mailbox.to('wrong@example.com');
    expect(lateMail!.text).toContain(`${publicUrl}/bookings/${booking.bookingId}`);
    expect(lateMail!.text).not.toContain('access=');
  });

  it('is shown to operators without its token', async () => {
    const { booking } = await bookAndMail();
    const { rows } = await pool.query('select mail_id as id from mail_message where booking_id = $1', [
      booking.bookingId,
    ]);
    const answer = await callWithoutSession('GET', `/v1/admin/mails/${rows[0].id}`, { 'x-api-key': adminKey });
    const { text } = answer.body as unknown as MailWithText;
    expect(text).toContain(`${publicUrl}/bookings/${booking.bookingId}\n`);
    expect(text).not.toContain('access=');
  });
});

it('keeps links, session tokens and addresses out of the most detailed log', async () => {
  const database = await createTestDatabase({ demo: false });
  const env = { ...testEnvironment(database.url), LOG_LEVEL: 'trace', SMTP_URL: mailbox.url, PUBLIC_URL: publicUrl };
  const service = ServiceProcess.start(env);
  const servicePool = testPool(database.url, 1);
  try {
    const caller = await RestCaller.begin(await service.ready());
    const booking = await book(servicePool, caller, await makeShow(servicePool), [0]);
    const path = `/v1/bookings/${booking.bookingId}`;
    await caller.call('PUT', `${path}/contact`, { email: 'logged@example.com' });
    const token = await readLinkToken('logged@example.com', booking);
    for (const sent of [token, token.slice(0, -3)]) {
      await caller.call('GET', `${path}/tickets`, undefined, { authorization: `Bearer ${sent}` });
    }
    await service.end('SIGTERM');
    const log = service.output + service.errors;
    expect(log).toContain(`${path}/tickets`);
    for (const part of token.split('.').slice(2)) expect(log).not.toContain(part);
    expect(log).not.toContain(caller.session.token.split('.')[1]);
    expect(log).not.toContain('logged@example.com');
  } finally {
    await service.end('SIGKILL');
    await servicePool.end();
    await database.drop();
  }
});

describe('staff', () => {
  it('can read any booking and its tickets, give its seats back and set its address with a key alone', async () => {
    const { booking, path } = await bookAndMail();
    const key = withKey(staff);
    expect(await callWithoutSession('GET', path, key)).toMatchObject({
      status: 200,
      body: { bookingId: booking.bookingId },
    });
    expect((await callWithoutSession('GET', `${path}/tickets`, key)).status).toBe(200);
    expect((await callWithoutSession('GET', `${path}/tickets`, { ...key, accept: 'application/pdf' })).status).toBe(
      200,
    );
    expect((await callWithoutSession('PUT', `${path}/contact`, key, { email: 'lost@example.com' })).status).toBe(200);
    await readLinkToken('lost@example.com', booking);
    expect((await callWithoutSession('POST', `${path}/refunds`, key)).body).toMatchObject({ status: 'refunded' });
    expect((await callWithoutSession('GET', `${path}/refunds`, key)).status).toBe(200);
    const held = await buyer.call('POST', `/v1/shows/${booking.showId}/reservations`, { seats: [5] });
    expect(await callWithoutSession('DELETE', `/v1/bookings/${String(held.body['bookingId'])}`, key)).toMatchObject({
      body: { status: 'released' },
    });
  });

  it('find a booking by its code in any spelling, and can limit the search to one show', async () => {
    const { booking } = await bookAndMail();
    const { code, bookingId, showId } = booking;
    expect(code).toBe(toBookingCode(bookingId));
    for (const written of [code!, code!.toLowerCase().replace('-', ''), ` ${code!.replace('-', ' ')} `]) {
      const found = await callWithoutSession('GET', `/v1/bookings?code=${encodeURIComponent(written)}`, withKey(staff));
      expect(found).toMatchObject({
        status: 200,
        body: { items: [{ bookingId, status: 'booked' }], nextCursor: null },
      });
    }
    const findInShow = (id: number) =>
      callWithoutSession('GET', `/v1/bookings?code=${code}&showId=${id}`, withKey(staff));
    expect((await findInShow(showId)).body['items']).toHaveLength(1);
    expect((await findInShow(showId + 1)).body['items']).toHaveLength(0);
  });

  it('see every booking with the same code, page by page', async () => {
    const { booking } = await bookAndMail();
    const copyIds = ['01900000-0000-7000-8000-0000', '01900000-0000-7000-8000-0001'].map(
      (start) => start + booking.bookingId.slice(-8),
    );
    for (const copyId of copyIds) {
      await pool.query(
        `insert into booking select (b).* from (
           select json_populate_record(b, json_build_object('booking_id', $2::text)) as b from booking b
           where booking_id = $1) t`,
        [booking.bookingId, copyId],
      );
    }
    const read = async (cursor = '') =>
      (await callWithoutSession('GET', `/v1/bookings?code=${booking.code}&limit=2${cursor}`, withKey(staff))).body as {
        items: Booking[];
        nextCursor: string | null;
      };
    const first = await read();
    const second = await read(`&cursor=${first.nextCursor}`);
    const ids = [...first.items, ...second.items].map(({ bookingId }) => bookingId);
    expect(ids).toEqual([booking.bookingId, ...copyIds.toReversed()]);
    expect(second.nextCursor).toBeNull();
  });

  it('find a booking by its code through an index', async () => {
    const { rows } = await pool.query(
      `select indexdef from pg_indexes where indexname = 'booking_by_code' and tablename = 'booking'`,
    );
    expect(rows[0].indexdef).toContain('"right"((booking_id)::text, 8)');
  });

  it('still list the bookings of their own session when the request also carries a session token', async () => {
    const { booking } = await bookAndMail();
    const both = { ...withKey(staff), ...bearer(buyer.session.token) };
    const list = await callWithoutSession('GET', `/v1/bookings?showId=${booking.showId}`, both);
    expect(list.body['items']).toMatchObject([{ bookingId: booking.bookingId }]);
    expect((await callWithoutSession('GET', `/v1/bookings?showId=${booking.showId}`, withKey(staff))).status).toBe(403);
  });

  it('are the only callers who find bookings by code or open bookings of other sessions', async () => {
    const { booking, path } = await bookAndMail();
    const stranger = await RestCaller.begin(app.url);
    const byCode = `/v1/bookings?code=${booking.code}`;
    const forbidden = [
      await buyer.call('GET', byCode),
      await stranger.call('GET', path),
      await callWithoutSession('GET', byCode, withKey(kiosk)),
      await callWithoutSession('GET', path, withKey(kiosk)),
      await stranger.call('GET', path, undefined, withKey(kiosk)),
    ];
    expect(forbidden.map(({ status }) => status)).toEqual(forbidden.map(() => 403));
    const unknown = [
      await callWithoutSession('GET', byCode, {}),
      await callWithoutSession('GET', byCode, { 'x-api-key': 'a key of nobody' }),
      await callWithoutSession('GET', path, { 'x-api-key': 'a key of nobody' }),
      await buyer.call('GET', path, undefined, { 'x-api-key': 'a key of nobody' }),
    ];
    expect(unknown.map(({ status, body }) => [status, body.code])).toEqual(unknown.map(() => [401, 'UNAUTHENTICATED']));
    expect((await buyer.call('GET', path, undefined, withKey(kiosk))).status).toBe(200);
  });

  it.each(['A23-4567', 'D7M', '', '999-9999'])('are told that %j is not a booking code', async (code) => {
    const answer = await callWithoutSession('GET', `/v1/bookings?code=${code}`, withKey(staff));
    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST', issues: [{ path: 'code' }] } });
  });

  it('are told that a list without a code needs a show', async () => {
    const answer = await buyer.call('GET', '/v1/bookings');
    expect(answer).toMatchObject({ status: 400, body: { issues: [{ path: 'showId' }] } });
  });
});
