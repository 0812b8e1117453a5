import type { Booking } from '@usher/contract';
import { isNews } from './booking-order.js';

const isLive = (booking: Booking): boolean => booking.status === 'reserved' || booking.status === 'booked';

/**
 * This session's bookings of one show. Of two states of one booking the newer is known, in whichever order they come: see
 * {@link isNews}.
 */
export class BookingList {
  /** Newest first. The same reference until it changes. */
  items: readonly Booking[] = [];

  /** Takes one booking's state, unless a newer one is known. */
  put(booking: Booking): void {
    const known = this.items.find(({ bookingId }) => bookingId === booking.bookingId);
    if (known && !isNews(known, booking)) return;
    this.items = [...this.items.filter((other) => other !== known), booking].toSorted(newestFirst);
  }

  /** Forgets all. */
  clear(): void {
    this.items = [];
  }

  /**
   * Takes the join's word for what is live at `version`. Live bookings that it does not name have ended unseen and are
   * dropped from the list, but for those that changed after `version`.
   *
   * @returns the dropped ones, whose end is worth asking for
   */
  reconcile(live: readonly Booking[], version: number): Booking[] {
    const named = new Set(live.map(({ bookingId }) => bookingId));
    const ended = this.items.filter(
      (booking) => isLive(booking) && !named.has(booking.bookingId) && booking.version <= version,
    );
    if (ended.length > 0) this.items = this.items.filter((booking) => !ended.includes(booking));
    for (const booking of live) this.put(booking);
    return ended;
  }
}

function newestFirst(a: Booking, b: Booking): number {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? 1 : -1;
  return a.bookingId < b.bookingId ? 1 : -1;
}
