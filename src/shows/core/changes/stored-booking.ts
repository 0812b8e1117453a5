import type { BookingRecord } from '../model/booking-record.js';
import { internSource } from '../model/source.js';

/** A booking as an entry of the log contains it. Entries of earlier releases have no source. */
export type StoredBooking = Omit<BookingRecord, 'source'> & Partial<Pick<BookingRecord, 'source'>>;

/** A change as the log contains it, whose booking may have no source. */
export type WithStoredBooking<Change extends { readonly booking: BookingRecord }> = Omit<Change, 'booking'> & {
  readonly booking: StoredBooking;
};

/** Returns a booking from the log in the form that the core uses. */
export const fromStoredBooking = ({ source = null, ...booking }: StoredBooking): BookingRecord => ({
  ...booking,
  source: internSource(source),
});

/** For kinds of change whose stored form contains a whole booking. */
export const storedWithBooking = {
  toStored: <Change>(change: Change): Change => change,
  fromStored: <Stored extends { readonly booking: StoredBooking }>(stored: Stored) => ({
    ...stored,
    booking: fromStoredBooking(stored.booking),
  }),
};
