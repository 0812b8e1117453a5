import type { Booking } from '@usher/contract';
import { isNewer } from './booking-order.js';

const isLive = (booking: Booking): boolean => booking.status === 'reserved' || booking.status === 'booked';

/** This session's bookings of one show. It keeps the newest state of each booking, in whatever order the states arrive. */
export class BookingList {
  /** The bookings, newest first. It is the same array until something changes. */
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
   * Applies the server's list of live bookings at `version`. If a known live booking is missing from the list, the booking
   * has ended without a message, so this method removes it. It keeps bookings that changed after `version`.
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
