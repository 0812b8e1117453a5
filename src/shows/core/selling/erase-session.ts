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

/** Time after which a caller may repeat an erasure that was refused because the session has just bought seats. */
const retryMs = 1000;

/**
 * Removes a session from the show. Its paid bookings stay, because their tickets stay valid and their money is
 * accounted for, but they belong to the pseudonym from then on, and have no idempotency key any more.
 */
export function eraseSession(draft: Draft, command: EraseSessionCommand): EraseSessionOutcome {
  const { sessionId, pseudonym, codesErasedAt } = command;
  const bookings = draft.liveBookingsOf(sessionId);
  const holds = bookings.filter(({ status }) => status === 'reserved');
  if (holds.some(isBeingPaid)) {
    return {
      type: 'refused',
      error: createErrorBody('BOOKING_STATE', paymentIsRunning, { bookingStatus: 'reserved' }),
    };
  }
  // The session may have used another access code after its uses were deleted, and bought seats with it. That use must be
  // deleted before the seats are given away, because otherwise the code would sell its seats again.
  if (bookings.some(({ status, createdAt }) => status === 'booked' && createdAt >= codesErasedAt)) {
    const detail = 'This session has just bought seats. Repeat the erasure.';
    return { type: 'refused', error: createErrorBody('BUSY', detail, { retryAfterMs: retryMs }) };
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
