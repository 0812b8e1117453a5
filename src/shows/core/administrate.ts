import { amountProblems, saleProblems, SeatStatus, tiersOf } from '@usher/contract';
import type { BlockCommand, Outcome, UnblockCommand } from './command.js';
import type { Draft } from './draft.js';
import { hallSeatsProblem, invalidRequest, seatsTaken } from './refusals.js';
import { type SaleTerms, saleTermsOf, type ShowTerms } from './show-terms.js';

/** Takes seats out of the sale, all or none. Before the line: what is not for sale is offered to nobody. */
export function block(draft: Draft, terms: ShowTerms, { seats }: BlockCommand): Outcome {
  const problem = hallSeatsProblem(terms, seats);
  if (problem) return { type: 'refused', error: problem };
  const taken = seats.filter((seat) => isHeldOrSold(draft.seats[seat]));
  if (taken.length > 0) return { type: 'refused', error: seatsTaken(terms, taken, null) };
  return setSeats(
    draft,
    seats.filter((seat) => draft.seats[seat] === SeatStatus.free),
    'block',
  );
}

/** Puts blocked seats on sale again; who waits for seats gets them first, in the same batch. */
export function unblock(draft: Draft, terms: ShowTerms, { seats }: UnblockCommand): Outcome {
  const problem = hallSeatsProblem(terms, seats);
  if (problem) return { type: 'refused', error: problem };
  return setSeats(
    draft,
    seats.filter((seat) => draft.seats[seat] === SeatStatus.blocked),
    'unblock',
  );
}

/** Sells by other terms from here on in the batch. */
export function changeTerms(draft: Draft, terms: ShowTerms, some: Partial<SaleTerms>): Outcome {
  const changed = saleTermsOf({ ...terms, ...some });
  const [problem] = [
    ...saleProblems(tiersOf(terms.layout.seats), changed),
    ...(touchesAmounts(some) ? amountProblems(changed, terms.amountStep) : []),
  ];
  if (problem) return { type: 'refused', error: invalidRequest(problem.path, problem.message) };
  // Bookings keep their currency, and fees and refunds are counted in it.
  if (changed.currency !== terms.currency && draft.seats.some(isHeldOrSold)) {
    return { type: 'refused', error: invalidRequest('currency', 'cannot change once seats are held or sold') };
  }
  draft.changes.push({ type: 'termsChanged', terms: changed });
  draft.isStrict = changed.rules.strictLine;
  // Whom a rule held up may be served now.
  draft.mayBeServed = 'all';
  return { type: 'done', booking: null };
}

/** Whether a change sets prices or fees. Shows from before a rule of the provider keep theirs until then. */
export const touchesAmounts = ({ prices, currency, rules }: Partial<SaleTerms>): boolean =>
  prices !== undefined || currency !== undefined || rules !== undefined;

function setSeats(draft: Draft, seats: readonly number[], how: 'block' | 'unblock'): Outcome {
  if (seats.length > 0) draft[how](seats);
  return { type: 'seatsSet', version: draft.version };
}

const isHeldOrSold = (status: number | undefined): boolean => status === SeatStatus.held || status === SeatStatus.sold;
