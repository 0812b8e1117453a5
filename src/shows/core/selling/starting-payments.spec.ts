import { describe, expect, it } from '@jest/globals';
import { bookingOf, callOff, tick, release } from '../../../../test/simulation/fixtures/commands.js';
import { startAt } from '../../../../test/simulation/fixtures/small-show.js';
import { holdMs, graceMs, longHoldMs, longHolds, Sale, pay, opened } from './paying.fixture.js';

describe('the start of a payment', () => {
  it('lengthens the hold once, by the grace time, when the provider has opened the payment', () => {
    const sale = new Sale(longHolds);
    const booking = sale.hold(0, 1);
    const begun = bookingOf(sale.put(pay(booking)));
    expect(begun).toMatchObject({ expiresAt: booking.expiresAt, payment: { status: 'pending' } });
    expect(sale.put(opened(booking))).toMatchObject({ booking: { expiresAt: startAt + longHoldMs + graceMs } });
    expect(bookingOf(sale.put(pay(booking, 'p2')))).toMatchObject({
      expiresAt: startAt + longHoldMs + graceMs,
      payment: { paymentId: 'p2' },
    });
    expect(sale.put(opened(booking))).toEqual({ type: 'done', booking: null });
    sale.now = startAt + longHoldMs + graceMs - 1;
    sale.put(tick);
    expect(sale.statusOf(0, 1)).toEqual([1, 1]);
    sale.now++;
    sale.put(tick);
    expect(sale.statusOf(0, 1)).toEqual([0, 0]);
  });

  it('keeps a hold that is about to end for 20 s, once, and no longer than the grace time', () => {
    const sale = new Sale({ ...longHolds, paymentGraceMs: 120_000 });
    const booking = sale.hold(0);
    sale.now = startAt + longHoldMs - 1000;
    const first = bookingOf(sale.put(pay(booking)));
    expect(first.expiresAt).toBe(sale.now + 20_000);
    sale.now += 10_000;
    expect(bookingOf(sale.put(pay(booking, 'p2'))).expiresAt).toBe(first.expiresAt);
    const other = new Sale(longHolds);
    const otherHold = other.hold(0);
    other.now = startAt + longHoldMs - 1000;
    expect(bookingOf(other.put(pay(otherHold))).expiresAt).toBe(startAt + longHoldMs + graceMs);
  });

  it('lengthens no hold that has ended before the provider opened the payment', () => {
    const sale = new Sale();
    const booking = sale.hold(0);
    sale.put(pay(booking));
    sale.put(release(booking.bookingId));
    expect(sale.put(opened(booking))).toEqual({ type: 'notLive', bookingId: booking.bookingId });
  });

  it('is answered with notLive if the hold has expired or the show is called off', () => {
    const sale = new Sale();
    const booking = sale.hold(0);
    sale.now = startAt + holdMs;
    expect(sale.put(pay(booking))).toEqual({ type: 'notLive', bookingId: booking.bookingId });
    const other = sale.hold(1);
    sale.put(callOff);
    // A called-off show has no holds.
    expect(sale.put(pay(other))).toEqual({ type: 'notLive', bookingId: other.bookingId });
  });
});
