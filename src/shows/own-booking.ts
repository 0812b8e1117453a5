import type { BookingStatus } from '@usher/contract';
import { DomainError, notFound } from '../common/domain-error.js';
import type { PostgresShowStore, StoredBooking } from './postgres-show-store.js';

/** A booking of a session. @throws DomainError `NOT_FOUND`, `FORBIDDEN` when it is another's */
export async function ownBooking(
  store: Pick<PostgresShowStore, 'findBooking'>,
  sessionId: string,
  bookingId: string,
): Promise<StoredBooking> {
  const stored = await store.findBooking(bookingId);
  if (!stored) throw notFound('booking');
  if (stored.booking.sessionId !== sessionId) {
    throw new DomainError('FORBIDDEN', 'This booking is another session’s.', {});
  }
  return stored;
}

/** `BOOKING_STATE`: the booking is in a state that does not allow it. */
export const bookingState = (bookingStatus: BookingStatus): DomainError<'BOOKING_STATE'> =>
  new DomainError('BOOKING_STATE', `The booking is ${bookingStatus}.`, { bookingStatus });
