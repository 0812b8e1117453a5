import type { BookingStatus } from '@usher/contract';
import { DomainError, createNotFoundError } from '../../common/domain-error.js';
import { type BookingCaller, linkRefused } from '../../access/index.js';
import type { BookingRepository, StoredBooking } from '../store/booking.repository.js';

/**
 * Returns a booking that the caller may use. Only this function decides which caller may use which booking.
 *
 * @throws DomainError `NOT_FOUND`; `FORBIDDEN` if the booking is of another session or the link is for another booking;
 *   `UNAUTHENTICATED` if the link was revoked
 */
export async function ownBooking(
  bookings: Pick<BookingRepository, 'find' | 'linkRevision'>,
  caller: BookingCaller,
  bookingId: string,
): Promise<StoredBooking> {
  // Checked before the booking is read, so a link does not reveal whether other bookings exist.
  if (caller.by === 'link' && caller.link.bookingId !== bookingId) {
    throw new DomainError('FORBIDDEN', 'This link is for another booking.', {});
  }
  const stored = await bookings.find(bookingId);
  if (!stored) throw createNotFoundError('booking');
  if (caller.by === 'session' && stored.booking.sessionId !== caller.sessionId) {
    throw new DomainError('FORBIDDEN', 'This booking belongs to another session.', {});
  }
  if (caller.by === 'link' && caller.link.revision !== (await bookings.linkRevision(stored.showId, bookingId))) {
    throw linkRefused('was revoked');
  }
  return stored;
}

/** Creates the error for a booking whose status does not allow the call. */
export const bookingState = (bookingStatus: BookingStatus): DomainError<'BOOKING_STATE'> =>
  new DomainError('BOOKING_STATE', `The booking is ${bookingStatus}.`, { bookingStatus });
