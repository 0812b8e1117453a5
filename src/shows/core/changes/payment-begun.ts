import type { BookingRecord } from '../model/booking-record.js';
import { type ChangeKind, noChainLink, noSeats } from './change-kind.js';
import { storedWithBooking, type WithStoredBooking } from './stored-booking.js';

/** The buyer began to pay for a hold, or the provider opened the payment. Both may have lengthened the hold. */
export interface PaymentBegun {
  readonly type: 'paying';
  /** The booking after the change. */
  readonly booking: BookingRecord;
}

export type StoredPaymentBegun = WithStoredBooking<PaymentBegun>;

export const paymentBegun: ChangeKind<PaymentBegun, StoredPaymentBegun> = {
  seats: noSeats,
  apply(show, { booking }) {
    show.putBooking(booking);
    return booking;
  },
  chainLink: noChainLink,
  addRows: (rows, { booking }) => rows.bookings.update(booking),
  ...storedWithBooking,
};
