import { SeatStatus } from '@usher/contract';
import type { BlockCommand, BlockOutcome, UnblockCommand, UnblockOutcome } from '../commands/command.js';
import type { Draft } from '../draft/draft.js';
import type { Administered } from '../model/actor.js';
import type { SeatsSet } from '../commands/outcome.js';
import { hallSeatsProblem, seatsTaken } from '../draft/refusals.js';
import type { ShowTerms } from '../model/show-terms.js';

/** Takes seats out of the sale, all or none. Before the line: what is not for sale is offered to nobody. */
export function block(draft: Draft, terms: ShowTerms, { seats, reason, by }: BlockCommand): BlockOutcome {
  const problem = hallSeatsProblem(terms, seats);
  if (problem) return { type: 'refused', error: problem };
  const taken = seats.filter((seat) => isHeldOrSold(draft.seats[seat]));
  if (taken.length > 0) return { type: 'refused', error: seatsTaken(terms, taken, null) };
  return setSeats(
    draft,
    seats.filter((seat) => draft.seats[seat] === SeatStatus.free),
    'block',
    { reason, by },
  );
}

/** Puts blocked seats on sale again; who waits for seats gets them first, in the same batch. */
export function unblock(draft: Draft, terms: ShowTerms, { seats, reason, by }: UnblockCommand): UnblockOutcome {
  const problem = hallSeatsProblem(terms, seats);
  if (problem) return { type: 'refused', error: problem };
  return setSeats(
    draft,
    seats.filter((seat) => draft.seats[seat] === SeatStatus.blocked),
    'unblock',
    { reason, by },
  );
}

function setSeats(
  draft: Draft,
  seats: readonly number[],
  how: 'block' | 'unblock',
  { reason = null, by = null }: Administered,
): SeatsSet {
  if (seats.length > 0) draft[how](seats, { reason, by });
  return { type: 'seatsSet', version: draft.version };
}

const isHeldOrSold = (status: number | undefined): boolean => status === SeatStatus.held || status === SeatStatus.sold;
