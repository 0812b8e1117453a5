import { SeatStatus } from '@usher/contract';
import type { BlockCommand, BlockOutcome, UnblockCommand, UnblockOutcome } from '../commands/command.js';
import type { Draft } from '../draft/draft.js';
import { hallSeatsProblem, seatsTaken } from '../draft/refusals.js';

/** Takes seats out of the sale, all or none. It does not serve the line first, because the seats are not for sale. */
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

/** Puts blocked seats back on sale. Waiters get them first, in the same batch. */
export function unblock(draft: Draft, { seats, reason = null, by = null }: UnblockCommand): UnblockOutcome {
  const problem = hallSeatsProblem(draft.terms, seats);
  if (problem) return { type: 'refused', error: problem };
  const blocked = seats.filter((seat) => draft.seats[seat] === SeatStatus.blocked);
  if (blocked.length > 0) draft.record({ type: 'unblocked', seats: blocked, reason, by });
  return { type: 'seatsSet', version: draft.version };
}

const isHeldOrSold = (status: number | undefined): boolean => status === SeatStatus.held || status === SeatStatus.sold;
