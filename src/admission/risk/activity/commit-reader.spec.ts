import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { ActivityBook } from './activity-book.js';
import { CommitReader, type ObservedBooking } from './commit-reader.js';

const begin = 1_800_000_000_000;
const showId = 1;
const sessionId = uuidv7({ msecs: begin });

/** A node that observes one session. */
function observe() {
  const book = new ActivityBook({ firstWaitMs: 30_000, freeChanges: 1, sameSeatsMs: 60_000, holdMs: 300_000 });
  const reader = new CommitReader(book);
  const call = { action: 'reserve', showId, sessionId, source: 'home', seats: [1] } as const;
  const context = book.recordCall(call, begin, null);
  const read = (booking: Partial<ObservedBooking>, at: number) =>
    reader.read(showId, [{ ...hold(at), ...booking }], [begin + at]);
  return { context, read, reader };
}

const hold = (at: number): ObservedBooking => ({
  bookingId: uuidv7(),
  sessionId,
  source: null,
  status: 'reserved',
  seats: [1],
  createdAt: begin + at,
  expiresAt: begin + at + 300_000,
  payment: null,
});
const payment = { paymentId: uuidv7(), provider: 'sandbox', status: 'pending' } as const;

describe('the commits of a show', () => {
  it('count a hold that ended once, although later commits change the booking again', () => {
    const { context, read } = observe();
    const [bookingId, other] = [uuidv7(), uuidv7()];
    read({ bookingId, status: 'released', createdAt: begin }, 1000);
    read({ bookingId, status: 'released', createdAt: begin + 1000 }, 2000);
    expect(context.inShow.waitMs(begin + 2000)).toBe(0);
    read({ bookingId: other, status: 'expired', createdAt: begin + 3000 }, 4000);
    expect(context.inShow.waitMs(begin + 4000)).toBe(30_000);
    expect(context.inShow.sameSeatsWaitMs(begin + 4000, [1])).toBe(60_000);
  });

  it('count holds that were made one after the other, although a node reads the commits of another node late', () => {
    const { context, reader } = observe();
    const released = [0, 2000].map((at): ObservedBooking => ({ ...hold(at), status: 'released' }));
    reader.read(showId, released, [begin + 1000, begin + 3000]);
    expect(context.inShow.waitMs(begin + 3000)).toBe(30_000);
  });

  it('count a paid booking and its payment once', () => {
    const { context, read } = observe();
    const bookingId = uuidv7();
    read({ bookingId, payment }, 1000);
    read({ bookingId, status: 'booked', expiresAt: null, payment: { ...payment, status: 'succeeded' } }, 2000);
    read({ bookingId, status: 'booked', expiresAt: null, payment: { ...payment, status: 'refunding' } }, 3000);
    const { session, source } = context;
    const now = begin + 3000;
    expect([session.bookings.at(now), session.payments.at(now), source.payments.at(now)]).toEqual([1, 1, 1]);
  });

  it('count every declined payment', () => {
    const { context, read } = observe();
    const bookingId = uuidv7();
    read({ bookingId, payment }, 1000);
    for (const at of [2000, 3000]) {
      read({ bookingId, payment: { ...payment, status: 'declined' } }, at);
      read({ bookingId, payment }, at + 500);
    }
    expect(context.session.payments.at(begin + 4000)).toBe(3);
  });

  it('do not count a hold that goes on', () => {
    const { context, read } = observe();
    for (let n = 0; n < 10; n++) read({}, n);
    expect(context.inShow.waitMs(begin)).toBe(0);
    expect(context.session.points(begin)).toBe(0);
  });
});
