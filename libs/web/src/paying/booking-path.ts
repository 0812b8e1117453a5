/** The page of a booking. */
export const bookingPath = (bookingId: string): string => `/bookings/${bookingId}`;
