import { SeatStatus } from '@usher/contract';
import type { BookingRecord } from '../model/booking-record.js';
import type { RefundDue } from '../model/refund-due.js';
import { type ChangeKind, noChainLink } from './change-kind.js';
import { storedWithBooking, type WithStoredBooking } from './stored-booking.js';

/** Paid seats were given back for a refund. */
export interface Refunded {
  readonly type: 'refunded';
  /** The booking after the change. */
  readonly booking: BookingRecord;
  /** The seats that the refund freed. */
  readonly seats: readonly number[];
  readonly refund: RefundDue;
}

export type StoredRefunded = WithStoredBooking<Refunded>;

export const refunded: ChangeKind<Refunded, StoredRefunded> = {
  seats: ({ seats }) => ({ seats, status: SeatStatus.free, bookingId: null }),
  apply(show, { booking }) {
    show.putBooking(booking);
    return booking;
  },
  chainLink: noChainLink,
  addRows(rows, { booking, refund }) {
    rows.bookings.update(booking);
    rows.bookings.addRefund(refund);
  },
  ...storedWithBooking,
};
