import type { BookingPayment } from '@usher/contract';
import { type BookingRecord, isLive } from '../model/booking-record.js';
import type { RefundDue } from '../model/refund-due.js';
import type { CommitTables, PaymentsCommit } from './show-commit.js';

/** Collects the rows of bookings and refunds that one commit writes. */
export class BookingRows {
  // One statement cannot insert a row and also update it. So a booking that the same commit makes and ends is inserted
  // as ended.
  private readonly made = new Map<string, BookingRecord>();
  private readonly endedHolds: CommitTables['ended'][number][] = [];
  private readonly updated = new Map<string, BookingRecord>();
  private readonly marked = new Map<string, Readonly<BookingPayment>>();
  private readonly refunds: RefundDue[] = [];

  insert(booking: BookingRecord): void {
    this.made.set(booking.bookingId, booking);
  }

  /** Returns a booking that this commit inserts. */
  inserted(bookingId: string): BookingRecord | undefined {
    return this.made.get(bookingId);
  }

  /** Ends a hold. @param version the show's version after the commit */
  end(bookingId: string, status: 'expired' | 'released', version: number): void {
    const booking = this.made.get(bookingId);
    if (booking) this.made.set(bookingId, { ...booking, status });
    else this.endedHolds.push({ bookingId, status });
    const updated = this.updated.get(bookingId);
    if (updated) this.updated.set(bookingId, { ...updated, status, version });
  }

  update(booking: BookingRecord): void {
    this.updated.set(booking.bookingId, booking);
  }

  /**
   * Writes the payment of a booking. If the booking ended in an earlier commit, only the payment is written, because
   * the other fields of the caller's copy may be out of date.
   */
  markPayment(booking: BookingRecord): void {
    const { bookingId, payment } = booking;
    if (isLive(booking) || this.updated.has(bookingId)) this.updated.set(bookingId, booking);
    else if (payment) this.marked.set(bookingId, payment);
  }

  addRefund(refund: RefundDue): void {
    this.refunds.push(refund);
  }

  get added(): BookingRecord[] {
    return [...this.made.values()];
  }

  get ended(): CommitTables['ended'] {
    return this.endedHolds;
  }

  /** The rows that payments change, or null if there are none. */
  get payments(): PaymentsCommit | null {
    if (this.updated.size + this.marked.size + this.refunds.length === 0) return null;
    const onlyMarked = [...this.marked].filter(([bookingId]) => !this.updated.has(bookingId));
    return {
      updated: [...this.updated.values()],
      marked: onlyMarked.map(([bookingId, payment]) => ({ bookingId, payment })),
      refunds: this.refunds,
    };
  }
}
