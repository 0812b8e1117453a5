import type { Budget } from './budgets.js';
import type { ShowTerms } from './show-terms.js';
import { isSellerSource } from './source.js';

/** The terms of a show from which its budgets follow. */
export type BudgetTerms = Pick<ShowTerms, 'showId' | 'protection' | 'challengePolicy' | 'budgets' | 'waitingRoom'>;

/** Returns the budget of unpaid seats. Null if there is none. */
export function seatBudgetOf(terms: BudgetTerms, source: string): Budget | null {
  if (isSellerSource(source)) return withoutChallenge(terms.budgets.keySeatsMax);
  return withPolicy(terms, terms.protection?.addressSeats ?? terms.budgets.addressSeats);
}

/** Places of one address that need no challenge even in the smallest waiting room, because a family must fit in. */
const freePlacesMin = 4;

/**
 * Returns the budget of places and stays. Null if there is none.
 *
 * If entry is metered, the free part and the maximum of the settings are at most half of the stays, so that one address
 * cannot fill the show for as long as its stays last. They are never less than {@link freePlacesMin}.
 */
export function placeBudgetOf(terms: BudgetTerms, source: string): Budget | null {
  if (isSellerSource(source)) return withoutChallenge(terms.budgets.keyPlacesMax);
  const { protection, budgets, waitingRoom } = terms;
  const own = protection?.addressPlaces;
  if (own || !budgets.addressPlaces || !waitingRoom) return withPolicy(terms, own ?? budgets.addressPlaces);
  const { free, max } = budgets.addressPlaces;
  const most = Math.max(freePlacesMin, Math.floor(waitingRoom.maxShoppers / 2));
  return withPolicy(terms, { free: Math.min(free, most), max: Math.min(max, most) });
}

const withoutChallenge = (max: number | null): Budget | null => (max === null ? null : { free: max, max });

/** A show that never asks for the challenge has only the maximum. */
function withPolicy({ protection, challengePolicy }: BudgetTerms, budget: Budget | null): Budget | null {
  if (budget === null || (protection?.challenge ?? challengePolicy) !== 'never') return budget;
  return withoutChallenge(budget.max);
}
