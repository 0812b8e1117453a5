import { createErrorBody } from '@usher/contract';
import type { EraseSessionCommand, EraseSessionOutcome } from '../commands/command.js';
import type { Draft } from '../draft/draft.js';
import { isBeingPaid } from '../model/booking-record.js';
import { leaveLine } from '../waiting/stand-in-line.js';
import { release } from './holds.js';

/** The detail of the refusal of an erasure. Payment providers take money for at most 40 minutes, see `openMsMax`. */
export const paymentIsRunning =
  'A payment of this session is running. Finish it, or release its seats, and then erase the data again. A payment ' +
  'ends at the latest 40 minutes after it began.';

/**
 * Removes a session from the show. Its paid bookings stay, because their tickets stay valid and their money is
 * accounted for, but they belong to the pseudonym from then on, and have no idempotency key any more.
 */
export function eraseSession(draft: Draft, { sessionId, pseudonym }: EraseSessionCommand): EraseSessionOutcome {
  const bookings = draft.liveBookingsOf(sessionId);
  const holds = bookings.filter(({ status }) => status === 'reserved');
  if (holds.some(isBeingPaid)) {
    return {
      type: 'refused',
      error: createErrorBody('BOOKING_STATE', paymentIsRunning, { bookingStatus: 'reserved' }),
    };
  }
  for (const { bookingId } of holds) release(draft, { type: 'release', bookingId, sessionId });
  // A session can wait for seats and have a stay. The first call ends the wait, and the second one ends the stay.
  for (const _ of ['wait', 'stay']) leaveLine(draft, { type: 'leaveLine', sessionId });
  for (const booking of bookings) {
    if (booking.status !== 'booked') continue;
    draft.record({ type: 'marked', booking: { ...booking, sessionId: pseudonym, source: null, usedKey: null } });
  }
  return { type: 'erased', lastSeq: draft.nextSeq };
}
