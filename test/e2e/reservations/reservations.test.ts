import { describe, expect, it } from '@jest/globals';
import { Booking, decodeSeats, SeatStatus } from '@usher/contract';
import { setUpApp } from '../../support/file-app.js';
import { testOnShow } from '../../support/test-on-show.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';

const app = setUpApp();

describe('reserving seats', () => {
  it('holds the chosen seats and returns the booking in the form that the contract defines', async () => {
    await testOnShow(app, 1, async (showId, socket) => {
      const { sessionId } = await socket.session();
      const { booking } = await socket.ask('reservation:create', { showId, seats: [13, 12] });
      expect(Booking.parse(booking)).toEqual(booking);
      expect(booking).toMatchObject({
        showId,
        sessionId,
        status: 'reserved',
        seats: [
          { seat: 13, label: 'B4', tier: 'standard', price: { amount: 1250, currency: 'EUR' } },
          { seat: 12, label: 'B3' },
        ],
        total: { amount: 2500, currency: 'EUR' },
        substituted: false,
        version: 1,
      });
      const held = Date.parse(booking.expiresAt ?? '') - Date.parse(booking.createdAt);
      expect(held).toBe(300_000);
    });
  });

  it('finds the best adjacent seats', async () => {
    await testOnShow(app, 1, async (showId, socket) => {
      const { booking } = await socket.ask('reservation:create', { showId, best: { count: 3 } });
      const [first, ...rest] = booking.seats.map(({ seat }) => seat).toSorted((a, b) => a - b);
      expect(rest).toEqual([first! + 1, first! + 2]);
    });
  });

  it('refuses taken seats, names them, offers an alternative, and holds nothing', async () => {
    await testOnShow(app, 2, async (showId, first, second) => {
      await first.ask('reservation:create', { showId, seats: [50] });
      const error = await second.refused('reservation:create', { showId, seats: [50, 51] });
      expect(error).toMatchObject({
        code: 'SEATS_TAKEN',
        status: 409,
        seats: [50],
        detail: expect.stringContaining('F1'),
      });
      const { version, ...map } = await second.joinOpen(showId);
      const statuses = decodeSeats(map.seats, map.seatCount);
      expect([version, statuses[50], statuses[51]]).toEqual([1, SeatStatus.held, SeatStatus.free]);
      const alternative = 'alternative' in error ? error.alternative : null;
      expect(alternative).toHaveLength(2);
      await second.ask('reservation:create', { showId, seats: alternative });
    });
  });

  it('holds alternative seats in the same step if the client asked for that', async () => {
    await testOnShow(app, 2, async (showId, first, second) => {
      await first.ask('reservation:create', { showId, seats: [50, 51] });
      const request = { showId, seats: [50, 51], onConflict: 'alternative' };
      const { booking } = await second.ask('reservation:create', request);
      expect(booking.substituted).toBe(true);
      expect(booking.seats).toHaveLength(2);
    });
  });

  it('reports how many seats are free if they are too few for the request', async () => {
    await testOnShow(
      app,
      2,
      async (showId, first, second) => {
        await first.ask('reservation:create', { showId, seats: [0, 1, 2, 3] });
        const error = await second.refused('reservation:create', { showId, best: { count: 2 } });
        expect(error).toMatchObject({ code: 'SHOW_FULL', free: 1, canQueue: true });
      },
      { rows: 1, seatsPerRow: 5 },
    );
  });

  it('refuses seats that would leave an isolated free seat if other seats would leave none', async () => {
    await testOnShow(
      app,
      1,
      async (showId, socket) => {
        const error = await socket.refused('reservation:create', { showId, seats: [1, 2] });
        expect(error).toMatchObject({ code: 'SINGLE_SEAT_GAP', alternative: [expect.any(Number), expect.any(Number)] });
      },
      { rows: 1, seatsPerRow: 8, rules: { singleSeatGap: 'soft' } },
    );
  });

  it('limits the seats of a show that one session may hold', async () => {
    await testOnShow(
      app,
      1,
      async (showId, socket) => {
        const { booking } = await socket.ask('reservation:create', { showId, seats: [0, 1, 2] });
        const error = await socket.refused('reservation:create', { showId, seats: [3, 4] });
        expect(error).toMatchObject({ code: 'HOLD_LIMIT', limit: 4 });
        await socket.ask('reservation:release', { bookingId: booking.bookingId });
        await socket.ask('reservation:create', { showId, seats: [3, 4] });
      },
      { rules: { maxSeatsPerSession: 4 } },
    );
  });

  it.each([
    ['an unknown seat', [100]],
    ['a negative seat', [-1]],
    ['the same seat twice', [3, 3]],
    ['no seat', []],
    ['eleven seats', Array.from({ length: 11 }, (_, seat) => seat)],
  ])('refuses %s with INVALID_SEATS', async (_, seats) => {
    await testOnShow(app, 1, async (showId, socket) => {
      const error = await socket.refused('reservation:create', { showId, seats });
      expect(error).toMatchObject({ code: 'INVALID_SEATS', status: 422, limit: 10 });
    });
  });

  it('refuses a show whose sale has not opened yet or has closed', async () => {
    const soon = new Date(Date.now() + 3_600_000);
    await testOnShow(
      app,
      1,
      async (showId, socket) => {
        const error = await socket.refused('reservation:create', { showId, seats: [1] });
        expect(error).toMatchObject({ code: 'SALE_CLOSED', opensAt: soon.toISOString() });
      },
      { saleOpensAt: soon },
    );
    await testOnShow(
      app,
      1,
      async (showId, socket) => {
        expect(await socket.refused('reservation:create', { showId, seats: [1] })).toMatchObject({
          code: 'SALE_CLOSED',
        });
      },
      { startsAt: new Date(Date.now() - 1000) },
    );
  });

  it('answers a repeated key with the first answer, but refuses it with KEY_REUSED if the body differs', async () => {
    await testOnShow(app, 2, async (showId, socket, other) => {
      const request = { showId, seats: [20, 21], key: 'k-1' };
      const [first, second] = await Promise.all([
        socket.ask('reservation:create', request),
        socket.ask('reservation:create', request),
      ]);
      expect(second).toEqual(first);
      await socket.ask('reservation:release', { bookingId: first.booking.bookingId });
      expect(await socket.ask('reservation:create', request)).toEqual(first);
      expect(await socket.refused('reservation:create', { ...request, seats: [22] })).toMatchObject({
        code: 'KEY_REUSED',
      });
      // An idempotency key belongs to one session.
      expect((await other.ask('reservation:create', request)).booking.bookingId).not.toBe(first.booking.bookingId);
    });
  });

  it('repeats a refusal for the same key', async () => {
    await testOnShow(app, 2, async (showId, first, second) => {
      const { booking } = await first.ask('reservation:create', { showId, seats: [30] });
      const request = { showId, seats: [30], key: 'late' };
      const refused = await second.refused('reservation:create', request);
      await first.ask('reservation:release', { bookingId: booking.bookingId });
      expect(await second.refused('reservation:create', request)).toEqual(refused);
      await second.ask('reservation:create', { ...request, key: 'a new one' });
    });
  });
});

describe('releasing seats', () => {
  it('frees the seats for everyone and notifies the other sockets of the session', async () => {
    await testOnShow(app, 2, async (showId, buyer, viewer) => {
      const { token } = await buyer.session();
      const phone = await TestSocket.connect(app.url, { auth: { token } });
      await viewer.ask('show:join', { showId });
      const { booking } = await buyer.ask('reservation:create', { showId, seats: [8, 9] });
      expect(await phone.next('booking:updated')).toEqual({ booking });
      const released = await buyer.ask('reservation:release', { bookingId: booking.bookingId });
      expect(released.booking).toEqual({ ...booking, status: 'released', version: 2 });
      expect(await phone.next('booking:updated')).toEqual(released.booking && { booking: released.booking });
      expect(await viewer.next('seats:changed', ({ free }) => free !== undefined)).toMatchObject({ free: [8, 9] });
      phone.close();
    });
  });

  it('is refused for another session, for a hold that has ended, and for an unknown booking', async () => {
    await testOnShow(app, 2, async (showId, buyer, thief) => {
      const { booking } = await buyer.ask('reservation:create', { showId, seats: [1] });
      const { bookingId } = booking;
      expect(await thief.refused('reservation:release', { bookingId })).toMatchObject({ code: 'FORBIDDEN' });
      await buyer.ask('reservation:release', { bookingId });
      expect(await buyer.refused('reservation:release', { bookingId })).toMatchObject({
        code: 'BOOKING_STATE',
        bookingStatus: 'released',
      });
      const unknown = bookingId.replace(/^.{8}/, '00000000');
      expect(await buyer.refused('reservation:release', { bookingId: unknown })).toMatchObject({
        code: 'NOT_FOUND',
        what: 'booking',
      });
    });
  });
});

describe('reservations over REST', () => {
  it('can be made, read, listed and released by the same rules as over sockets', async () => {
    const showId = await makeShow(app.pool);
    const caller = await RestCaller.begin(app.url);
    const path = `/v1/shows/${showId}/reservations`;
    const created = await caller.call('POST', path, { seats: [70, 71] }, { 'idempotency-key': 'once' });
    expect(created.status).toBe(201);
    expect(Booking.parse(created.body)).toEqual(created.body);
    expect((await caller.call('POST', path, { seats: [70, 71] }, { 'idempotency-key': 'once' })).body).toEqual(
      created.body,
    );
    const bookingId = String(created.body.bookingId);
    expect((await caller.call('GET', `/v1/bookings/${bookingId}`)).body).toEqual(created.body);
    await caller.call('POST', path, { best: { count: 2 } });
    const firstPage = await caller.call('GET', `/v1/bookings?showId=${showId}&limit=1`);
    const cursor = String(firstPage.body.nextCursor);
    const secondPage = await caller.call('GET', `/v1/bookings?showId=${showId}&limit=1&cursor=${cursor}`);
    expect(secondPage.body).toEqual({ items: [created.body], nextCursor: null });
    const released = await caller.call('DELETE', `/v1/bookings/${bookingId}`);
    expect([released.status, released.body.status]).toEqual([200, 'released']);
    const map = await caller.call('GET', `/v1/shows/${showId}/seats`);
    expect(map.body).toMatchObject({ version: 3, counts: { free: 98, held: 2, sold: 0, blocked: 0 } });
    expect(map.headers.get('etag')).toBeTruthy();
  });

  it('need a session, and cannot be read by another session', async () => {
    const showId = await makeShow(app.pool);
    const anonymous = await fetch(`${app.url}/v1/shows/${showId}/reservations`, { method: 'POST' });
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await anonymous.json()).toMatchObject({ code: 'UNAUTHENTICATED' });
    const [owner, other] = await Promise.all([RestCaller.begin(app.url), RestCaller.begin(app.url)]);
    const created = await owner.call('POST', `/v1/shows/${showId}/reservations`, { seats: [1] });
    const answer = await other.call('GET', `/v1/bookings/${String(created.body.bookingId)}`);
    expect([answer.status, answer.body.code]).toEqual([403, 'FORBIDDEN']);
  });

  it('are broadcast to sockets', async () => {
    await testOnShow(app, 1, async (showId, viewer) => {
      await viewer.ask('show:join', { showId });
      const caller = await RestCaller.begin(app.url);
      const phone = await TestSocket.connect(app.url, { auth: { token: caller.session.token } });
      const created = await caller.call('POST', `/v1/shows/${showId}/reservations`, { seats: [5] });
      expect(await viewer.next('seats:changed')).toMatchObject({ held: [5] });
      expect(await phone.next('booking:updated')).toEqual({ booking: created.body });
      phone.close();
    });
  });
});
