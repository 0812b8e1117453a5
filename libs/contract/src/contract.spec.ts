import { describe, expect, it } from '@jest/globals';
import { expectTypeOf } from 'expect-type';
import { Booking, type BookingStatus, ReservationCreate, ReserveBody } from './seats/bookings.js';
import { endpoints } from './endpoints.js';
import { createErrorBody, type ErrorBody, errorCodes, errorSchema, isErrorBody } from './errors.js';
import {
  type Acknowledgement,
  type ClientAnswer,
  type ClientPayload,
  clientEvents,
  type ServerPayload,
  serverEvents,
  ShowJoined,
} from './events.js';
import { IdParam, Uuid } from './values/ids.js';
import { Money } from './values/money.js';
import { Instant } from './values/times.js';
import { SeatStatus, seatStatusNames } from './seats/seat-map.js';

const booking = {
  bookingId: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071',
  showId: 7,
  sessionId: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6072',
  seats: [{ seat: 3, label: 'A4', tier: 'standard', price: { amount: 1250, currency: 'EUR' } }],
  total: { amount: 1250, currency: 'EUR' },
  createdAt: '2026-11-23T18:30:00.000Z',
  substituted: false,
  version: 1,
};

describe('a booking', () => {
  it('has a time in expiresAt while it is reserved, and null once it is booked', () => {
    const expiresAt = '2026-11-23T18:35:00.000Z';
    expect(Booking.safeParse({ ...booking, status: 'reserved', expiresAt }).success).toBe(true);
    expect(Booking.safeParse({ ...booking, status: 'reserved', expiresAt: null }).success).toBe(false);
    expect(Booking.safeParse({ ...booking, status: 'booked', expiresAt: null }).success).toBe(true);
    expect(Booking.safeParse({ ...booking, status: 'booked', expiresAt }).success).toBe(false);
    expectTypeOf<Extract<Booking, { status: 'booked' | 'refunded' }>['expiresAt']>().toEqualTypeOf<null>();
    expectTypeOf<
      Extract<Booking, { status: 'reserved' | 'expired' | 'released' }>['expiresAt']
    >().toEqualTypeOf<string>();
    expectTypeOf<Booking['status']>().toEqualTypeOf<BookingStatus>();
  });
});

describe('a reservation request', () => {
  it('must ask for chosen seats or for the best seats, but not for both', () => {
    expect(ReserveBody.safeParse({ seats: [1, 2], onConflict: 'alternative' }).success).toBe(true);
    expect(ReserveBody.safeParse({ best: { count: 2, tier: 'box', kind: 'wheelchair' } }).success).toBe(true);
    expect(ReserveBody.safeParse({ seats: [1], best: { count: 1 } }).success).toBe(false);
    expect(ReserveBody.safeParse({}).success).toBe(false);
    expect(ReservationCreate.safeParse({ showId: 1, seats: [1], key: 'k' }).success).toBe(true);
  });

  it('is refused if it has an unknown key, so that no misspelt key is ignored', () => {
    for (const body of [{ seats: [1], onConfilct: 'alternative' }, { best: { count: 1, teir: 'balcony' } }]) {
      const { error } = ReserveBody.safeParse(body);
      expect(error?.issues[0]?.message).toMatch(/Unrecognized key: "(onConfilct|teir)"/);
    }
  });
});

describe('a value', () => {
  it('is accepted only in the form that the contract documents', () => {
    expect(Instant.safeParse('2026-11-23T18:30:00.000Z').success).toBe(true);
    for (const other of ['2026-11-23T18:30:00Z', '2026-11-23T18:30:00.000+01:00', '2026-11-23', 1]) {
      expect(Instant.safeParse(other).success).toBe(false);
    }
    expect(Money.safeParse({ amount: 12.5, currency: 'EUR' }).success).toBe(false);
    expect(IdParam.parse('42')).toBe(42);
    for (const other of ['0', '-1', '1.5', '1e3', ' 1', '0x1', ''])
      expect(IdParam.safeParse(other).success).toBe(false);
    expect(Uuid.parse(booking.bookingId.toUpperCase())).toBe(booking.bookingId);
  });

  it('is the position of its name in the list if it is a seat status', () => {
    expect(seatStatusNames.map((name) => SeatStatus[name])).toEqual([0, 1, 2, 3]);
  });
});

describe('an error', () => {
  it('has the status and the fields of its code', () => {
    const error = createErrorBody('SEATS_TAKEN', 'A4 is taken.', { seats: [3], alternative: null });
    expect(error).toMatchObject({ code: 'SEATS_TAKEN', status: 409, seats: [3], alternative: null });
    expect(errorSchema('SEATS_TAKEN').safeParse(error).success).toBe(true);
    expect(errorSchema('SHOW_FULL').safeParse(error).success).toBe(false);
    expect(isErrorBody(error)).toBe(true);
    expect(isErrorBody({ code: 'toString', detail: '' })).toBe(false);
    expectTypeOf<Extract<ErrorBody, { code: 'HOLD_LIMIT' }>['limit']>().toEqualTypeOf<number>();
    expectTypeOf<Extract<ErrorBody, { code: 'SEATS_TAKEN' }>['alternative']>().toEqualTypeOf<number[] | null>();
    // @ts-expect-error The fields of this code are missing.
    createErrorBody('SEATS_TAKEN', 'A4 is taken.', {});
  });

  it('is in the list of error codes if an endpoint can return it', () => {
    for (const { errors } of Object.values(endpoints)) {
      for (const code of errors) expect(Object.keys(errorCodes)).toContain(code);
    }
  });
});

describe('events', () => {
  it('include the events that clients rely on', () => {
    expect(Object.keys(clientEvents)).toEqual(
      expect.arrayContaining(['show:join', 'show:leave', 'show:sync', 'reservation:create', 'reservation:release']),
    );
    expect(Object.keys(serverEvents)).toEqual(
      expect.arrayContaining(['session', 'seats:changed', 'show:version', 'booking:updated']),
    );
  });

  it('have payloads and answers whose types follow from the name of the event', () => {
    expectTypeOf<ClientPayload<'show:join'>>().toEqualTypeOf<{ showId: number }>();
    expectTypeOf<ClientAnswer<'reservation:create'>>().toEqualTypeOf<{ booking: Booking }>();
    expectTypeOf<Extract<Acknowledgement<ClientAnswer<'show:leave'>>, { ok: true }>>().toEqualTypeOf<{ ok: true }>();
    expectTypeOf<ServerPayload<'seats:changed'>['from']>().toEqualTypeOf<number>();
    expectTypeOf<Extract<ShowJoined, { access: 'waiting' }>>().not.toHaveProperty('seats');
    expect(ShowJoined.safeParse({ access: 'waiting', seats: 'AA==' }).success).toBe(false);
  });
});
