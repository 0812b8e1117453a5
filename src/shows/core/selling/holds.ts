import type { BookingRecord } from '../model/booking-record.js';
import type { Draft } from '../draft/draft.js';
import type { ReleaseCommand, ReleaseOutcome } from '../commands/command.js';
import type { ShowState } from '../state/show-state.js';

/**
 * Maximum number of holds that one batch ends. Ending more would keep the show's lock for longer than its time limit.
 */
const endedHoldsMax = 10_000;

/** Gives back the seats of a hold. */
export function release(draft: Draft, { bookingId }: ReleaseCommand): ReleaseOutcome {
  const booking = draft.booking(bookingId);
  if (booking?.status !== 'reserved') return { type: 'notLive', bookingId };
  return { type: 'done', booking: endHold(draft, booking, 'released') };
}

/** Ends at most {@link endedHoldsMax} of the holds that are due, in the order of their expiry. */
export function endDueHolds(draft: Draft, state: ShowState): void {
  const due: BookingRecord[] = [];
  for (const id of state.due.endingBy(draft.now)) {
    const booking = draft.booking(id);
    if (booking && isDue(booking, draft.now)) due.push(booking);
  }
  due.sort((a, b) => (a.expiresAt ?? 0) - (b.expiresAt ?? 0) || (a.bookingId < b.bookingId ? -1 : 1));
  for (const booking of due.slice(0, endedHoldsMax)) endHold(draft, booking, 'expired');
}

/** Ends at most {@link endedHoldsMax} of the holds of a show that is called off. */
export function endAllHolds(draft: Draft): void {
  if (!draft.mayHaveHolds) return;
  const live = [...draft.bookingIds()].flatMap((id) => draft.booking(id) ?? []);
  const holds = live.filter(({ status }) => status === 'reserved');
  for (const booking of holds.slice(0, endedHoldsMax)) endHold(draft, booking, 'released');
  if (holds.length > endedHoldsMax) draft.hasMoreWork = true;
}

/** Whether a hold has expired. */
export const isDue = (booking: BookingRecord, now: number): boolean =>
  booking.status === 'reserved' && booking.expiresAt !== null && booking.expiresAt <= now;

/** Ends a hold. If the hold was an offer of the line for seats, the hash chain of that line gets an entry too. */
function endHold(
  draft: Draft,
  { bookingId, seats, sessionId, lineTicket }: BookingRecord,
  status: 'expired' | 'released',
) {
  const after = draft.record({ type: 'ended', bookingId, status, seats });
  if (!after) throw new Error(`cannot end the hold of booking ${bookingId}, which is unknown`);
  if (lineTicket !== null) {
    const end = offerEnd(draft, status);
    draft.record({ type: 'left', line: 'seats', lineTicket, place: null, sessionId, ...end });
  }
  return after;
}

function offerEnd({ calledOff }: Draft, status: 'expired' | 'released') {
  if (status === 'expired') return { kind: 'lapse', reason: 'offerLapsed' } as const;
  // If the show was called off, the session did not choose to end the hold.
  return { kind: 'leave', reason: calledOff ? 'saleClosed' : null } as const;
}
