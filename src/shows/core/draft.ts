import { SeatStatus } from '@usher/contract';
import type { BookingRecord } from './booking-record.js';
import type { ShowChange } from './show-log.js';
import { heldSeats, type KeyUse, keyName, type ShowState } from './show-state.js';

/** Holds that one batch ends at most: 100,000 that end together must not keep the lock past its time limits. */
const dueMax = 10_000;

/**
 * A show in the middle of a batch: the committed state below, what the batch decided so far on top. The state is only
 * read, so a batch whose commit fails leaves nothing to undo.
 */
export class Draft {
  readonly changes: ShowChange[] = [];
  /** One status a seat. Copied whole: 20,000 seats are one microsecond, less than asking an overlay for each. */
  readonly seats: Uint8Array;
  private readonly added = new Map<string, BookingRecord>();
  private readonly ended = new Set<string>();
  private readonly keys = new Map<string, KeyUse>();
  /** Unpaid seats that sessions hold more, or fewer, than in the state below. */
  private readonly heldMore = new Map<string, number>();

  constructor(private readonly state: ShowState) {
    this.seats = state.seats.slice();
  }

  /** The version that this batch makes if it changes a seat. */
  get nextVersion(): number {
    return this.state.version + 1;
  }

  /** A booking that holds seats, or undefined. */
  booking(bookingId: string): BookingRecord | undefined {
    if (this.ended.has(bookingId)) return undefined;
    return this.added.get(bookingId) ?? this.state.bookings.get(bookingId);
  }

  /** How many unpaid seats the session holds. */
  heldBy(sessionId: string): number {
    return (this.state.heldBySession.get(sessionId) ?? 0) + (this.heldMore.get(sessionId) ?? 0);
  }

  keyUse(sessionId: string, key: string): KeyUse | undefined {
    const name = keyName(sessionId, key);
    return this.keys.get(name) ?? this.state.keys.get(name);
  }

  reserve(booking: BookingRecord): void {
    this.changes.push({ type: 'reserved', booking });
    this.added.set(booking.bookingId, booking);
    this.countHeld(booking.sessionId, heldSeats(booking));
    for (const seat of booking.seats) this.seats[seat] = SeatStatus.held;
    const { usedKey, sessionId, bookingId, createdAt } = booking;
    if (usedKey) this.keys.set(keyName(sessionId, usedKey.key), { bodyHash: usedKey.bodyHash, bookingId, createdAt });
  }

  end(booking: BookingRecord, status: 'expired' | 'released'): BookingRecord {
    this.changes.push({ type: 'ended', bookingId: booking.bookingId, status, seats: booking.seats });
    this.ended.add(booking.bookingId);
    this.countHeld(booking.sessionId, -heldSeats(booking));
    for (const seat of booking.seats) this.seats[seat] = SeatStatus.free;
    return { ...booking, status, version: this.nextVersion };
  }

  /** Ends the holds whose time has come, in the order in which they ended; {@link dueMax} of them at most. */
  endDue(now: number): void {
    const due: BookingRecord[] = [];
    for (const id of this.state.due.endingBy(now)) {
      const booking = this.booking(id);
      if (booking && isDue(booking, now)) due.push(booking);
    }
    due.sort((a, b) => (a.expiresAt ?? 0) - (b.expiresAt ?? 0) || (a.bookingId < b.bookingId ? -1 : 1));
    for (const booking of due.slice(0, dueMax)) this.end(booking, 'expired');
  }

  private countHeld(sessionId: string, more: number): void {
    this.heldMore.set(sessionId, (this.heldMore.get(sessionId) ?? 0) + more);
  }
}

/** Whether a hold's time has come: not before `expiresAt`, and from then on. */
export const isDue = (booking: BookingRecord, now: number): boolean =>
  booking.status === 'reserved' && booking.expiresAt !== null && booking.expiresAt <= now;
