import { SeatStatus } from '@usher/contract';
import type { BlockCommand, BlockOutcome, UnblockCommand, UnblockOutcome } from '../commands/command.js';
import type { Draft } from '../draft/draft.js';
import { hallSeatsProblem, seatsTaken } from '../draft/refusals.js';

/**
 * Takes all the given seats off sale, or none of them. The line is not served first, because nobody gets these seats.
 */
export function block(draft: Draft, { seats, reason = null, by = null }: BlockCommand): BlockOutcome {
  const { terms } = draft;
  const problem = hallSeatsProblem(terms, seats);
  if (problem) return { type: 'refused', error: problem };
  const taken = seats.filter((seat) => isHeldOrSold(draft.seats[seat]));
  if (taken.length > 0) return { type: 'refused', error: seatsTaken(terms, taken, null) };
  const free = seats.filter((seat) => draft.seats[seat] === SeatStatus.free);
  if (free.length > 0) draft.record({ type: 'blocked', seats: free, reason, by });
  return { type: 'seatsSet', version: draft.version };
}

/** Puts blocked seats back on sale. They are offered to the line first, in the same batch. */
export function unblock(draft: Draft, { seats, reason = null, by = null }: UnblockCommand): UnblockOutcome {
  const problem = hallSeatsProblem(draft.terms, seats);
  if (problem) return { type: 'refused', error: problem };
  const blocked = seats.filter((seat) => draft.seats[seat] === SeatStatus.blocked);
  if (blocked.length > 0) draft.record({ type: 'unblocked', seats: blocked, reason, by });
  return { type: 'seatsSet', version: draft.version };
}

const isHeldOrSold = (status: number | undefined): boolean => status === SeatStatus.held || status === SeatStatus.sold;
