import type { BookingPayment } from '@usher/contract';
import type { BookingRecord } from '../core/model/booking-record.js';
import type { RefundDue } from '../core/model/payment-change.js';
import { isPaymentChange, type LogEntry } from '../core/changes/show-log.js';

/** What one commit does to the rows of bookings that are paid, and to the refunds. */
export interface PaymentsCommit {
  /** Bookings as they are after it, where more than a mark of the payment changed. */
  readonly updated: readonly BookingRecord[];
  /** Bookings that hold no seats and say something else of their payment. */
  readonly marked: readonly { readonly bookingId: string; readonly payment: Readonly<BookingPayment> }[];
  /** Money that goes back: written with the seats, sent by whoever comes first. */
  readonly refunds: readonly RefundDue[];
}

/** What a log entry does to the rows that payments change. */
export function toPaymentsCommit({ changes, version }: LogEntry): PaymentsCommit {
  const updated = new Map<string, BookingRecord>();
  const marked = new Map<string, Readonly<BookingPayment>>();
  const refunds: RefundDue[] = [];
  for (const change of changes) {
    if (change.type === 'ended') {
      const paying = updated.get(change.bookingId);
      if (paying) updated.set(change.bookingId, { ...paying, status: change.status, version });
    }
    if (!isPaymentChange(change)) continue;
    if (change.type === 'refunded' || change.type === 'returned') refunds.push(change.refund);
    const { booking } = change;
    if (!booking) continue;
    const isMark = change.type === 'marked' || change.type === 'returned';
    const holds = booking.status === 'reserved' || booking.status === 'booked';
    // Of a booking that ended in an earlier commit nothing but the mark is sure to be as it was read.
    if (!isMark || holds || updated.has(booking.bookingId)) updated.set(booking.bookingId, booking);
    else if (booking.payment) marked.set(booking.bookingId, booking.payment);
  }
  const onlyMarked = [...marked].filter(([bookingId]) => !updated.has(bookingId));
  return {
    updated: [...updated.values()],
    marked: onlyMarked.map(([bookingId, payment]) => ({ bookingId, payment })),
    refunds,
  };
}
