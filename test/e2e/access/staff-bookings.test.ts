import { describe, expect, it } from '@jest/globals';
import { endpoints, toBookingCode } from '@usher/contract';
import { validate } from '../../support/contract-shapes.js';
import { bearer, setUpMailedBookings, readLinkToken, withKey } from '../../support/mailed-bookings.js';
import { RestCaller } from '../../support/rest.js';

const bookings = setUpMailedBookings();
const { app, bookAndMail, callWithoutSession } = bookings;

describe('staff', () => {
  it('need only their API key to read any booking and its tickets, give its seats back and set its mail address', async () => {
    const { booking, path } = await bookAndMail();
    const key = withKey(bookings.staff);
    expect(await callWithoutSession('GET', path, key)).toMatchObject({
      status: 200,
      body: { bookingId: booking.bookingId },
    });
    expect((await callWithoutSession('GET', `${path}/tickets`, key)).status).toBe(200);
    expect((await callWithoutSession('GET', `${path}/tickets`, { ...key, accept: 'application/pdf' })).status).toBe(
      200,
    );
    expect((await callWithoutSession('PUT', `${path}/contact`, key, { email: 'lost@example.com' })).status).toBe(200);
    await readLinkToken(bookings.mailbox, 'lost@example.com', booking);
    expect((await callWithoutSession('POST', `${path}/refunds`, key)).body).toMatchObject({ status: 'refunded' });
    expect((await callWithoutSession('GET', `${path}/refunds`, key)).status).toBe(200);
    const held = await bookings.buyer.call('POST', `/v1/shows/${booking.showId}/reservations`, { seats: [5] });
    expect(await callWithoutSession('DELETE', `/v1/bookings/${String(held.body['bookingId'])}`, key)).toMatchObject({
      body: { status: 'released' },
    });
  });

  it('find a booking by its code, however the code is written, and can limit the search to one show', async () => {
    const { booking } = await bookAndMail();
    const { code, bookingId, showId } = booking;
    expect(code).toBe(toBookingCode(bookingId));
    for (const written of [code!, code!.toLowerCase().replace('-', ''), ` ${code!.replace('-', ' ')} `]) {
      const found = await callWithoutSession(
        'GET',
        `/v1/bookings?code=${encodeURIComponent(written)}`,
        withKey(bookings.staff),
      );
      expect(found).toMatchObject({
        status: 200,
        body: { items: [{ bookingId, status: 'booked' }], nextCursor: null },
      });
    }
    const findInShow = (id: number) =>
      callWithoutSession('GET', `/v1/bookings?code=${code}&showId=${id}`, withKey(bookings.staff));
    expect((await findInShow(showId)).body['items']).toHaveLength(1);
    expect((await findInShow(showId + 1)).body['items']).toHaveLength(0);
  });

  it('see all bookings with a code, page by page, if several bookings have the same code', async () => {
    const { booking } = await bookAndMail();
    const copyIds = ['01900000-0000-7000-8000-0000', '01900000-0000-7000-8000-0001'].map(
      (start) => start + booking.bookingId.slice(-8),
    );
    for (const copyId of copyIds) {
      await app.pool.query(
        `insert into booking select (b).* from (
           select json_populate_record(b, json_build_object('booking_id', $2::text)) as b from booking b
           where booking_id = $1) t`,
        [booking.bookingId, copyId],
      );
    }
    const read = async (cursor = '') => {
      const path = `/v1/bookings?code=${booking.code}&limit=2${cursor}`;
      const { body } = await callWithoutSession('GET', path, withKey(bookings.staff));
      return validate(endpoints.listBookings.answer, body);
    };
    const first = await read();
    const second = await read(`&cursor=${first.nextCursor}`);
    const ids = [...first.items, ...second.items].map(({ bookingId }) => bookingId);
    expect(ids).toEqual([booking.bookingId, ...copyIds.toReversed()]);
    expect(second.nextCursor).toBeNull();
  });

  it('find a booking by its code through a database index', async () => {
    const { rows } = await app.pool.query(
      `select indexdef from pg_indexes where indexname = 'booking_by_code' and tablename = 'booking'`,
    );
    expect(rows[0].indexdef).toContain('"right"((booking_id)::text, 8)');
  });

  it('can list the bookings of a session if the request contains its session token as well as their API key', async () => {
    const { booking } = await bookAndMail();
    const both = { ...withKey(bookings.staff), ...bearer(bookings.buyer.session.token) };
    const list = await callWithoutSession('GET', `/v1/bookings?showId=${booking.showId}`, both);
    expect(list.body['items']).toMatchObject([{ bookingId: booking.bookingId }]);
    expect(
      (await callWithoutSession('GET', `/v1/bookings?showId=${booking.showId}`, withKey(bookings.staff))).status,
    ).toBe(403);
  });

  it('are the only callers who find bookings by code or open bookings of other sessions', async () => {
    const { booking, path } = await bookAndMail();
    const stranger = await RestCaller.begin(app.url);
    const byCode = `/v1/bookings?code=${booking.code}`;
    const forbidden = [
      await bookings.buyer.call('GET', byCode),
      await stranger.call('GET', path),
      await callWithoutSession('GET', byCode, withKey(bookings.kiosk)),
      await callWithoutSession('GET', path, withKey(bookings.kiosk)),
      await stranger.call('GET', path, undefined, withKey(bookings.kiosk)),
    ];
    expect(forbidden.map(({ status }) => status)).toEqual(forbidden.map(() => 403));
    const unknown = [
      await callWithoutSession('GET', byCode, {}),
      await callWithoutSession('GET', byCode, { 'x-api-key': 'a key of nobody' }),
      await callWithoutSession('GET', path, { 'x-api-key': 'a key of nobody' }),
      await bookings.buyer.call('GET', path, undefined, { 'x-api-key': 'a key of nobody' }),
    ];
    expect(unknown.map(({ status, body }) => [status, body.code])).toEqual(unknown.map(() => [401, 'UNAUTHENTICATED']));
    expect((await bookings.buyer.call('GET', path, undefined, withKey(bookings.kiosk))).status).toBe(200);
  });

  it.each(['A23-4567', 'D7M', '', '999-9999'])('are told that %j is not a booking code', async (code) => {
    const answer = await callWithoutSession('GET', `/v1/bookings?code=${code}`, withKey(bookings.staff));
    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST', issues: [{ path: 'code' }] } });
  });

  it('are told that a list without a code needs a show', async () => {
    const answer = await bookings.buyer.call('GET', '/v1/bookings');
    expect(answer).toMatchObject({ status: 400, body: { issues: [{ path: 'showId' }] } });
  });
});
