import { describe, expect, it } from '@jest/globals';
import {
  bookingOf,
  callOff,
  tick,
  joinLine,
  refusalOf,
  release,
  reserveSeats,
} from '../../../../test/simulation/fixtures/commands.js';
import { smallShow, startAt, tinyHallTerms } from '../../../../test/simulation/fixtures/small-show.js';
import type { BookingRecord } from '../model/booking-record.js';
import type { Command } from '../commands/command.js';
import { holdMs, Sale, pay, sumOf, paid, refund } from './paying.fixture.js';

describe('a payment that took money', () => {
  it('books the held seats', () => {
    const sale = new Sale();
    const booking = sale.hold(0, 1);
    expect(sale.put(paid(booking))).toEqual({ type: 'settled', as: 'booked' });
    expect(sale.statusOf(0, 1)).toEqual([2, 2]);
    expect(sale.state.heldBySession.size).toBe(0);
    sale.now += 1_000_000;
    sale.put(tick);
    expect(sale.statusOf(0, 1)).toEqual([2, 2]);
  });

  it('gets the same result whenever it is repeated, even after a refund of its seats', () => {
    const sale = new Sale();
    const booking = sale.hold(0);
    sale.put(paid(booking), paid(booking));
    sale.put(refund(booking));
    expect(sale.put(paid(booking))).toEqual({ type: 'settled', as: 'booked' });
    expect(sale.statusOf(0)).toEqual([0]);
    expect(sale.refunds).toMatchObject([{ paymentId: 'p1', amount: 900, kind: 'whole' }]);
  });

  it('is returned if another payment has booked the seats', () => {
    const sale = new Sale();
    const booking = sale.hold(0);
    sale.put(paid(booking));
    expect(sale.put(paid(booking, 'p2'))).toEqual({ type: 'settled', as: 'returned' });
    expect(sale.refunds).toMatchObject([{ paymentId: 'p2', amount: 900, kind: 'returned' }]);
    expect(sale.state.bookings.get(booking.bookingId)).toMatchObject({
      status: 'booked',
      payment: { paymentId: 'p1' },
    });
  });

  it('is returned if its amount is not the price of the seats', () => {
    const sale = new Sale();
    const booking = sale.hold(0);
    const captured = { amount: 899, currency: 'EUR' };
    expect(sale.put(paid(booking, 'p1', { captured }))).toEqual({ type: 'settled', as: 'returned' });
    expect(sale.refunds).toMatchObject([captured]);
    expect(sale.statusOf(0)).toEqual([1]);
  });
});

describe('a payment that arrives after its hold has ended', () => {
  const late = (terms = smallShow()) => {
    const sale = new Sale(terms);
    const booking = sale.hold(0, 1);
    sale.now += holdMs;
    return { sale, booking };
  };

  it('gets the same seats if they are free, even in the batch that ends the hold', () => {
    const { sale, booking } = late();
    expect(sale.put(paid(booking))).toEqual({ type: 'settled', as: 'booked' });
    expect(sale.state.bookings.get(booking.bookingId)).toMatchObject({ seats: [0, 1], substituted: false });
    expect(sale.state.counts).toMatchObject({ sold: 2, held: 0 });
  });

  it('gets similar seats at the paid price if the buyer agreed', () => {
    const { sale, booking } = late();
    sale.put(reserveSeats([0], { sessionId: 'ben', bookingId: 'other' }));
    const ended = { ...booking, status: 'expired' } as const;
    expect(sale.put(paid(ended, 'p1', { onConflict: 'alternative' }))).toEqual({ type: 'settled', as: 'booked' });
    const booked = sale.state.bookings.get(booking.bookingId);
    expect(booked).toMatchObject({ substituted: true, status: 'booked', expiresAt: null });
    expect(booked?.seats).not.toContain(0);
    expect(sumOf(booked?.amounts ?? [])).toBe(sumOf(booking.amounts));
  });

  it('is returned if the seats are taken and the buyer did not agree to other seats', () => {
    const { sale, booking } = late();
    sale.put(reserveSeats([0], { sessionId: 'ben', bookingId: 'other' }));
    expect(sale.put(paid({ ...booking, status: 'expired' }))).toEqual({ type: 'settled', as: 'returned' });
    expect(sale.refunds).toMatchObject([{ amount: sumOf(booking.amounts), kind: 'returned' }]);
  });

  it('does not get seats that a waiter could use', () => {
    const sale = new Sale(smallShow(tinyHallTerms));
    const booking = sale.hold(0, 1);
    sale.hold(2, 3, 4, 5, 6);
    sale.put(joinLine('ben', 2));
    sale.now += holdMs;
    expect(sale.put(paid(booking))).toEqual({ type: 'settled', as: 'returned' });
    expect([...sale.state.bookings.values()]).toMatchObject([{ sessionId: 'ben', lineTicket: 1 }]);
  });

  it('is answered with notLive if the booking has changed since the caller read it', () => {
    const { sale, booking } = late();
    sale.put(tick);
    expect(sale.put(paid(booking))).toEqual({ type: 'notLive', bookingId: booking.bookingId });
    expect(sale.refunds).toEqual([]);
  });

  it('is returned if the show is called off or its sale is over', () => {
    const { sale, booking } = late();
    sale.put(callOff);
    sale.put(paid({ ...booking, status: 'expired' }));
    const over = late(smallShow({ saleClosesAt: startAt + holdMs }));
    over.sale.put(paid(over.booking));
    expect([...sale.refunds, ...over.sale.refunds]).toMatchObject([{ kind: 'returned' }, { kind: 'returned' }]);
  });
});

describe('a refund', () => {
  const booked = (terms = smallShow()) => {
    const sale = new Sale(terms);
    const booking = sale.hold(0, 1);
    sale.put(paid(booking));
    return { sale, booking };
  };

  it('can give back some of the seats, so that the buyer keeps the others', () => {
    const { sale, booking } = booked();
    const left = bookingOf(sale.put(refund(booking, { seats: [1] })));
    expect(left).toMatchObject({ status: 'booked', seats: [0], amounts: [900], payment: { status: 'succeeded' } });
    expect(sale.statusOf(0, 1)).toEqual([2, 0]);
    expect(bookingOf(sale.put(refund(booking)))).toMatchObject({
      status: 'refunded',
      payment: { status: 'refunding' },
    });
    expect(sale.refunds).toMatchObject([{ kind: 'part' }, { kind: 'whole' }]);
    expect(sale.refunds.map(({ amount }) => amount)).toEqual([900, 900]);
    expect(sale.statusOf(0, 1)).toEqual([0, 0]);
  });

  it('frees the seats, and a waiter gets them in the same batch', () => {
    const sale = new Sale(smallShow(tinyHallTerms));
    const booking = sale.hold(0, 1);
    sale.hold(2, 3, 4, 5, 6);
    sale.put(paid(booking));
    sale.put(joinLine('ben', 2));
    sale.put(refund(booking));
    expect(sale.statusOf(0, 1)).toEqual([1, 1]);
    expect([...sale.state.bookings.values()].at(-1)).toMatchObject({ sessionId: 'ben', seats: [0, 1] });
  });

  it('is reduced by the fee if a buyer requests it, but not if staff request it', () => {
    const rules = { ...smallShow().rules, refunds: { deadlineMinutes: 0, feeAmount: 250 } };
    const { sale, booking } = booked(smallShow({ rules }));
    sale.put(refund(booking, { seats: [0] }), refund(booking, { seats: [1], by: 'staff' }));
    expect(sale.refunds.map(({ amount }) => amount)).toEqual([650, 900]);
  });

  it('is refused to buyers from the deadline on, but never to staff', () => {
    const startsAt = startAt + 60 * 60_000;
    const rules = { ...smallShow().rules, refunds: { deadlineMinutes: 45, feeAmount: 0 } };
    const { sale, booking } = booked(smallShow({ startsAt, rules }));
    sale.now = startAt + 15 * 60_000;
    expect(refusalOf(sale.put(refund(booking)))).toMatchObject({ code: 'BOOKING_STATE', bookingStatus: 'booked' });
    sale.now--;
    bookingOf(sale.put(refund(booking, { seats: [0] })));
    sale.now = startsAt + 1;
    bookingOf(sale.put(refund(booking, { by: 'staff' })));
  });

  it.each([[[]], [[2]], [[0, 0]], [[0, 1, 2]]])(
    'is refused for %j, which is not a valid list of seats of the booking',
    (seats) => {
      const { sale, booking } = booked();
      expect(refusalOf(sale.put(refund(booking, { seats })))).toMatchObject({ code: 'INVALID_SEATS', limit: 2 });
      expect(sale.refunds).toEqual([]);
    },
  );

  it('is answered with notLive for a booking that is not paid', () => {
    const sale = new Sale();
    const booking = sale.hold(0);
    expect(sale.put(refund(booking))).toMatchObject({ type: 'notLive' });
    sale.put(release(booking.bookingId));
    expect(sale.put(refund(booking))).toMatchObject({ type: 'notLive' });
  });

  it('returns the full price of all paid bookings when the show is called off', () => {
    const rules = { ...smallShow().rules, refunds: { deadlineMinutes: 0, feeAmount: 250 } };
    const { sale } = booked(smallShow({ rules }));
    sale.hold(2);
    sale.put(callOff);
    expect(sale.refunds).toMatchObject([{ amount: 1800, kind: 'whole' }]);
    expect(sale.state.counts).toMatchObject({ sold: 0, held: 0 });
  });
});

describe('the payment status of a booking', () => {
  const mark = (booking: BookingRecord, status: 'declined' | 'pending' | 'refunded', paymentId = 'p1'): Command => ({
    type: 'markPayment',
    booking,
    payment: { paymentId, provider: 'sandbox', status },
  });

  it('moves only forward, and its changes do not increase the show’s version', () => {
    const sale = new Sale();
    const booking = sale.hold(0);
    sale.put(pay(booking));
    const { version } = sale.state;
    expect(bookingOf(sale.put(mark(booking, 'declined'))).payment).toMatchObject({ status: 'declined' });
    expect(sale.put(mark(booking, 'pending'))).toEqual({ type: 'done', booking: null });
    expect(sale.state.version).toBe(version);
    sale.put(pay(booking, 'p2'));
    expect(sale.put(mark(booking, 'declined'))).toEqual({ type: 'done', booking: null });
  });

  it('does not follow a late report, although the copy of the ended booking is from before the payment took money', () => {
    const sale = new Sale();
    const copy: BookingRecord = { ...sale.hold(0), status: 'expired' };
    sale.now += holdMs;
    sale.put(reserveSeats([0], { sessionId: 'ben', bookingId: 'other' }));
    sale.put(paid(copy));
    for (const status of ['pending', 'declined'] as const) {
      expect(sale.put(mark(copy, status))).toEqual({ type: 'done', booking: null });
    }
    expect(bookingOf(sale.put(mark(copy, 'refunded')))).toMatchObject({ payment: { status: 'refunded' } });
  });

  it('can change even after the booking has ended', () => {
    const sale = new Sale();
    const booking = sale.hold(0);
    sale.put(paid(booking));
    const ended = bookingOf(sale.put(refund(booking)));
    expect(bookingOf(sale.put(mark(ended, 'refunded')))).toMatchObject({
      status: 'refunded',
      payment: { status: 'refunded' },
    });
  });
});
