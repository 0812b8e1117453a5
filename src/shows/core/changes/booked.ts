import { SeatStatus } from '@usher/contract';
import type { BookingRecord } from '../model/booking-record.js';
import { type ChangeKind, noChainLink } from './change-kind.js';
import { storedWithBooking, type WithStoredBooking } from './stored-booking.js';

/**
 * Seats were sold. They come from the buyer's hold, or from the free seats if the hold ended before the payment
 * arrived.
 */
export interface Booked {
  readonly type: 'booked';
  /** The booking after the change. */
  readonly booking: BookingRecord;
  readonly paymentId: string;
}

export type StoredBooked = WithStoredBooking<Booked>;

export const booked: ChangeKind<Booked, StoredBooked> = {
  seats: ({ booking: { seats, bookingId } }) => ({ seats, status: SeatStatus.sold, bookingId }),
  apply(show, { booking, paymentId }) {
    show.settlePayment(paymentId, 'booked');
    show.putBooking(booking);
    return booking;
  },
  chainLink: noChainLink,
  addRows: (rows, { booking }) => rows.bookings.update(booking),
  ...storedWithBooking,
};
