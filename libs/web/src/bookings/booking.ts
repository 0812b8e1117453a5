import type { Booking } from '@usher/contract';

/** A booking whose seats are or were held, but are not booked. The hold is live only while the status is `reserved`. */
export type Hold = Extract<Booking, { status: 'reserved' | 'expired' | 'released' }>;

/** Returns true if the seats of the booking are held and not paid for yet. */
export const isHeld = (booking: Booking): booking is Hold => booking.status === 'reserved';

/** Returns the seat numbers of a booking, as they are on the wire. */
export const getSeatNumbers = (booking: Booking): number[] => booking.seats.map(({ seat }) => seat);

/** Returns the path of the booking's page. */
export const getBookingPath = (bookingId: string): string => `/bookings/${bookingId}`;
