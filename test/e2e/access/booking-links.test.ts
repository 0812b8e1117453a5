import { describe, expect, it } from '@jest/globals';
import { endpoints, MailWithText } from '@usher/contract';
import { SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { adminKey } from '../../support/api-keys.js';
import { parseEncodedJson, validate } from '../../support/contract-shapes.js';
import { bearer, setUpMailedBookings, publicUrl, readLinkToken, withKey } from '../../support/mailed-bookings.js';
import { book } from '../../support/book-seats.js';
import { createTestDatabase, testEnvironment, testPool } from '../../support/database.js';
import { ServiceProcess } from '../../support/service-process.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';

const secret = new TextEncoder().encode(testEnvironment('')['SESSION_SECRET']);

const bookings = setUpMailedBookings();
const { app, bookAndMail, callWithoutSession } = bookings;

const expectedRefusal = (reason: RegExp) => ({
  status: 401,
  body: { code: 'UNAUTHENTICATED', detail: expect.stringMatching(reason) },
});

describe('the link in a mail', () => {
  it('is in every mail about the booking, together with the booking code', async () => {
    const { booking, email } = await bookAndMail();
    await bookings.buyer.call('POST', `/v1/bookings/${booking.bookingId}/refunds`, { seats: [0] });
    const mails = await bookings.mailbox.waitForMails(email, 2);
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
    expect([tickets.status, validate(endpoints.listTickets.answer, tickets.body).items.length]).toEqual([200, 2]);
    for (const accept of ['application/pdf', 'text/calendar']) {
      const { status, headers } = await callWithoutSession('GET', `${path}/tickets`, { ...bearer(token), accept });
      expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining(accept)]);
    }
    const refunded = await callWithoutSession('POST', `${path}/refunds`, bearer(token), { seats: [0] });
    expect(refunded).toMatchObject({ status: 200, body: { seats: [{ seat: 1 }] } });
    expect((await callWithoutSession('GET', `${path}/refunds`, bearer(token))).status).toBe(200);
  });

  it('gives no access to other bookings of the session, and cannot be used as a session token', async () => {
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
    expect(renewed.body['sessionId']).not.toBe(bookings.buyer.session.sessionId);
  });

  it('is rejected with a reason if its token was truncated, changed, or signed as a session token', async () => {
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
    const { exp } = parseEncodedJson(z.object({ exp: z.number() }), token.split('.')[2]!);
    expect(Math.abs(exp * 1000 - Date.now() - 40 * dayMs)).toBeLessThan(dayMs);
    const expiredToken = await new SignJWT({ sub: booking.bookingId, aud: 'usher-booking', rev: 0 })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('-1 minute')
      .sign(secret);
    expect(await callWithoutSession('GET', path, bearer(`booking.${expiredToken}`))).toMatchObject(
      expectedRefusal(/has expired/),
    );
  });

  it('is revoked if the mail address changes or is erased, but stays valid if the same address is set again', async () => {
    const { booking, email, token, path } = await bookAndMail();
    await bookings.buyer.call('PUT', `${path}/contact`, { email });
    expect((await callWithoutSession('GET', path, bearer(token))).status).toBe(200);
    const otherEmail = `other-${email}`;
    await bookings.buyer.call('PUT', `${path}/contact`, { email: otherEmail });
    expect(await callWithoutSession('GET', path, bearer(token))).toMatchObject(expectedRefusal(/was revoked/));
    const newToken = await readLinkToken(bookings.mailbox, otherEmail, booking);
    expect((await callWithoutSession('GET', `${path}/tickets`, bearer(newToken))).status).toBe(200);
    await bookings.buyer.call('PUT', `${path}/contact`, { email: null });
    expect(await callWithoutSession('GET', `${path}/tickets`, bearer(newToken))).toMatchObject(
      expectedRefusal(/was revoked/),
    );
  });

  it('can be revoked by staff and by the buyer', async () => {
    for (const headers of [withKey(bookings.staff), bearer(bookings.buyer.session.token)]) {
      const { token, path } = await bookAndMail();
      expect((await callWithoutSession('DELETE', `${path}/links`, headers)).status).toBe(204);
      expect(await callWithoutSession('GET', path, bearer(token))).toMatchObject(expectedRefusal(/was revoked/));
      expect((await bookings.buyer.call('GET', path)).status).toBe(200);
    }
  });

  it('has no token in a mail to an address that the buyer replaced while a node was sending the mail', async () => {
    const booking = await book(app.pool, bookings.buyer, await makeShow(app.pool), [0]);
    const path = `/v1/bookings/${booking.bookingId}/contact`;
    await bookings.buyer.call('PUT', path, { email: 'right@example.com' });
    await readLinkToken(bookings.mailbox, 'right@example.com', booking);
    // A node that was sending the mail still has the address that the buyer replaced.
    await app.pool.query(
      `insert into mail_message (show_id, mail_id, booking_id, kind, occasion, address)
       values ($1, gen_random_uuid(), $2, 'booked', 'before', 'wrong@example.com')`,
      [booking.showId, booking.bookingId],
    );
    const [lateMail] = await bookings.mailbox.waitForMails('wrong@example.com');
    expect(lateMail!.text).toContain(`${publicUrl}/bookings/${booking.bookingId}`);
    expect(lateMail!.text).not.toContain('access=');
  });

  it('is shown to operators without its token', async () => {
    const { booking } = await bookAndMail();
    const { rows } = await app.pool.query('select mail_id as id from mail_message where booking_id = $1', [
      booking.bookingId,
    ]);
    const answer = await callWithoutSession('GET', `/v1/admin/mails/${rows[0].id}`, { 'x-api-key': adminKey });
    const { text } = validate(MailWithText, answer.body);
    expect(text).toContain(`${publicUrl}/bookings/${booking.bookingId}\n`);
    expect(text).not.toContain('access=');
  });
});

it('writes no link token, session token or mail address to the log, even at the most detailed level', async () => {
  const database = await createTestDatabase({ demo: false });
  const env = {
    ...testEnvironment(database.url),
    LOG_LEVEL: 'trace',
    SMTP_URL: bookings.mailbox.url,
    PUBLIC_URL: publicUrl,
  };
  const service = ServiceProcess.start(env);
  const servicePool = testPool(database.url, 1);
  try {
    const caller = await RestCaller.begin(await service.waitUntilReady());
    const booking = await book(servicePool, caller, await makeShow(servicePool), [0]);
    const path = `/v1/bookings/${booking.bookingId}`;
    await caller.call('PUT', `${path}/contact`, { email: 'logged@example.com' });
    const token = await readLinkToken(bookings.mailbox, 'logged@example.com', booking);
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
