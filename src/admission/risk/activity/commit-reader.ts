import { createBoundedCache } from '../../../common/bounded-cache.js';
import type { BookingRecord } from '../../../shows/index.js';
import type { ActivityBook } from './activity-book.js';

/** Maximum number of bookings whose counted events a node remembers. */
const bookingsMax = 50_000;

/** The fields of a booking that say how it goes on. */
export type ObservedBooking = Pick<
  BookingRecord,
  'bookingId' | 'sessionId' | 'source' | 'status' | 'seats' | 'createdAt' | 'expiresAt' | 'payment'
>;

/** What was already counted of a booking, because several commits can change the same booking. */
interface CountedEvents {
  hasEnded: boolean;
  isBooked: boolean;
  /** The last payment and its status. */
  payment: string;
}

/** Reads the commits of shows, and counts in an {@link ActivityBook} how bookings end. */
export class CommitReader {
  private readonly counted = createBoundedCache<string, CountedEvents>(bookingsMax);

  constructor(private readonly book: ActivityBook) {}

  /**
   * @param bookings the bookings that commits changed, after each change
   * @param times for each booking, when its commit was made, in ms since 1970. The time at which this node reads the commit
   *   of another node would be too late: holds that were made one after the other would seem to overlap
   */
  read(showId: number, bookings: readonly ObservedBooking[], times: readonly number[]): void {
    for (const [index, booking] of bookings.entries()) {
      // Most changes are new holds. They count when they end.
      if (booking.status !== 'reserved' || booking.payment !== null) this.readBooking(showId, booking, times[index]!);
    }
  }

  private readBooking(showId: number, booking: ObservedBooking, at: number): void {
    const { bookingId, sessionId, source, status, seats, createdAt, expiresAt, payment } = booking;
    const counted = this.countedOf(bookingId);
    if (source !== null) this.book.noteSource(sessionId, source, at);
    if ((status === 'expired' || status === 'released') && !counted.hasEnded) {
      counted.hasEnded = true;
      const endedAt = status === 'expired' ? Math.min(at, expiresAt ?? at) : at;
      this.book.recordEndedHold({ showId, sessionId, seats, heldSince: createdAt }, endedAt);
    }
    if (status === 'booked' && !counted.isBooked) {
      counted.isBooked = true;
      this.book.recordBooking(showId, sessionId, at);
    }
    if (payment === null || counted.payment === `${payment.paymentId} ${payment.status}`) return;
    const isNew = !counted.payment.startsWith(payment.paymentId);
    counted.payment = `${payment.paymentId} ${payment.status}`;
    if (isNew || payment.status === 'declined') this.book.recordPayment(sessionId, at);
  }

  private countedOf(bookingId: string): CountedEvents {
    const known = this.counted.get(bookingId);
    if (known) return known;
    const created = { hasEnded: false, isBooked: false, payment: '' };
    this.counted.set(bookingId, created);
    return created;
  }
}
