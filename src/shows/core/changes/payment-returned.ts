import type { BookingRecord } from '../model/booking-record.js';
import type { RefundDue } from '../model/refund-due.js';
import { type ChangeKind, noChainLink, noSeats } from './change-kind.js';
import { fromStoredBooking, type StoredBooking } from './stored-booking.js';

/** A payment took money but got no seats, so the money is returned. */
export interface PaymentReturned {
  readonly type: 'returned';
  /**
   * The booking after the change. Null if another payment paid for the booking, because the booking then does not
   * mention this payment.
   */
  readonly booking: BookingRecord | null;
  readonly refund: RefundDue;
}

export interface StoredPaymentReturned extends Omit<PaymentReturned, 'booking'> {
  readonly booking: StoredBooking | null;
}

export const paymentReturned: ChangeKind<PaymentReturned, StoredPaymentReturned> = {
  seats: noSeats,
  apply(show, { booking, refund }) {
    show.settlePayment(refund.paymentId, 'returned');
    if (booking) show.putBooking(booking);
    return booking;
  },
  chainLink: noChainLink,
  addRows(rows, { booking, refund }) {
    if (booking) rows.bookings.markPayment(booking);
    rows.bookings.addRefund(refund);
  },
  toStored: (change) => change,
  fromStored: ({ booking, ...change }) => ({ ...change, booking: booking && fromStoredBooking(booking) }),
};
