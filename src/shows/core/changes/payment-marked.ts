import type { BookingRecord } from '../model/booking-record.js';
import { type ChangeKind, noChainLink, noSeats } from './change-kind.js';
import { storedWithBooking, type WithStoredBooking } from './stored-booking.js';

/**
 * The payment of a booking got a new status, or the data of the booking's session was erased, so that the booking
 * belongs to a pseudonym. The booking may have ended before that.
 */
export interface PaymentMarked {
  readonly type: 'marked';
  /** The booking after the change. */
  readonly booking: BookingRecord;
}

export type StoredPaymentMarked = WithStoredBooking<PaymentMarked>;

export const paymentMarked: ChangeKind<PaymentMarked, StoredPaymentMarked> = {
  seats: noSeats,
  apply(show, { booking }) {
    show.putBooking(booking);
    return booking;
  },
  chainLink: noChainLink,
  addRows: (rows, { booking }) => rows.bookings.markPayment(booking),
  ...storedWithBooking,
};
