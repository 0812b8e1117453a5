import type { Booking } from '@usher/contract';
import { isNewer } from './booking-order.js';

const isLive = (booking: Booking): boolean => booking.status === 'reserved' || booking.status === 'booked';

/**
 * This session's bookings for one show. Keeps the newest state of each booking, even if the states arrive out of order.
 */
export class BookingList {
  /** The bookings, newest first. Every change creates a new array. */
  items: readonly Booking[] = [];

  /** Stores a booking's state, unless a newer state is known. */
  put(booking: Booking): void {
    const known = this.items.find(({ bookingId }) => bookingId === booking.bookingId);
    if (known && !isNewer(known, booking)) return;
    this.items = [...this.items.filter((other) => other !== known), booking].toSorted(compareNewestFirst);
  }

  /** Removes all bookings. */
  clear(): void {
    this.items = [];
  }

  /**
   * Applies the server's list of live bookings as of `version`. If a known live booking is missing from the list, it
   * has ended although no message said so. This method removes such a booking, unless the booking changed after
   * `version`.
   *
   * @returns the removed bookings, so that the caller can read how they ended
   */
  reconcile(live: readonly Booking[], version: number): Booking[] {
    const liveIds = new Set(live.map(({ bookingId }) => bookingId));
    const ended = this.items.filter(
      (booking) => isLive(booking) && !liveIds.has(booking.bookingId) && booking.version <= version,
    );
    if (ended.length > 0) this.items = this.items.filter((booking) => !ended.includes(booking));
    for (const booking of live) this.put(booking);
    return ended;
  }
}

function compareNewestFirst(a: Booking, b: Booking): number {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? 1 : -1;
  return a.bookingId < b.bookingId ? 1 : -1;
}
