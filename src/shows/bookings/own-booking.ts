import type { BookingStatus } from '@usher/contract';
import { DomainError, createNotFoundError } from '../../common/domain-error.js';
import { type BookingCaller, linkRefused } from '../../access/index.js';
import type { BookingRepository, StoredBooking } from '../store/booking.repository.js';

/**
 * A booking that the caller may use. This is the only place that decides who may use which booking.
 *
 * @throws DomainError `NOT_FOUND`; `FORBIDDEN` if the booking is another session's or the link is for another booking;
 *   `UNAUTHENTICATED` if the link was revoked
 */
export async function ownBooking(
  bookings: Pick<BookingRepository, 'find' | 'linkRevision'>,
  caller: BookingCaller,
  bookingId: string,
): Promise<StoredBooking> {
  // Before the booking is read, so that a link tells nothing about the existence of other bookings.
  if (caller.by === 'link' && caller.link.bookingId !== bookingId) {
    throw new DomainError('FORBIDDEN', 'This link is for another booking.', {});
  }
  const stored = await bookings.find(bookingId);
  if (!stored) throw createNotFoundError('booking');
  if (caller.by === 'session' && stored.booking.sessionId !== caller.sessionId) {
    throw new DomainError('FORBIDDEN', 'This booking is another session’s.', {});
  }
  if (caller.by === 'link' && caller.link.revision !== (await bookings.linkRevision(stored.showId, bookingId))) {
    throw linkRefused('was revoked');
  }
  return stored;
}

/** `BOOKING_STATE`: the booking is in a state that does not allow it. */
export const bookingState = (bookingStatus: BookingStatus): DomainError<'BOOKING_STATE'> =>
  new DomainError('BOOKING_STATE', `The booking is ${bookingStatus}.`, { bookingStatus });
