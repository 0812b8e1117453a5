import { type ErrorBody, createErrorBody } from '@usher/contract';
import type { Budget } from '../model/budgets.js';
import { type CommandSource, isSellerSource } from '../model/source.js';
import { type BudgetTerms, placeBudgetOf, seatBudgetOf } from '../model/source-budgets.js';

/** The number of unpaid seats that each source holds. */
interface SeatUse {
  seatsOf(source: string): number;
}

/** The number of unpaid seats that each source holds, and the number that its parties wait for. */
interface SeatClaims extends SeatUse {
  waitingSeatsOf(source: string): number;
}

/** The number of places and stays that each source has. */
interface PlaceUse {
  placesOf(source: string): number;
}

/**
 * Returns the refusal of a call that would hold `more` seats: `ADDRESS_LIMIT` beyond the maximum of its source,
 * `CHALLENGE_REQUIRED` beyond the free part. Returns null if the budget allows the seats.
 */
export function seatLimit(terms: BudgetTerms, use: SeatUse, command: CommandSource, more: number): ErrorBody | null {
  const { source } = command;
  if (source === null) return null;
  const budget = seatBudgetOf(terms, source);
  return budget && refusal(terms, budget, use.seatsOf(source) + more, command, 'seats');
}

/** Returns the refusal of a call that would get one more place or stay. Returns null if the budget allows the place. */
export function placeLimit(terms: BudgetTerms, use: PlaceUse, command: CommandSource): ErrorBody | null {
  const { source } = command;
  if (source === null) return null;
  const budget = placeBudgetOf(terms, source);
  return budget && refusal(terms, budget, use.placesOf(source) + 1, command, 'places');
}

/**
 * Returns `CHALLENGE_REQUIRED` if a party of `more` seats would wait for seats beyond the free part of its source. All
 * parties of the source that wait for seats count as if they held their seats, because the line makes them hold seats
 * without another call. Returns null otherwise. A party beyond the maximum may wait, because the line holds its offer back.
 */
export function waitLimit(
  terms: BudgetTerms,
  claims: SeatClaims,
  { source, hasPassedChallenge }: CommandSource,
  more: number,
): ErrorBody | null {
  if (source === null || hasPassedChallenge || !canChallengeForSeats(terms, source)) return null;
  const { free } = seatBudgetOf(terms, source) ?? { free: Infinity };
  const total = claims.seatsOf(source) + claims.waitingSeatsOf(source) + more;
  return total <= free ? null : challengeRequired(terms.showId, 'seats');
}

/**
 * Whether the line may offer `count` seats to a waiter. An offer is held like other seats, so it counts. Nobody can answer
 * a challenge at that moment, so the free part is the limit of a session that has not passed the challenge before.
 */
export function canOffer(
  terms: BudgetTerms,
  use: SeatUse,
  { source, hasPassedChallenge }: CommandSource,
  count: number,
): boolean {
  const budget = source === null ? null : seatBudgetOf(terms, source);
  if (source === null || budget === null) return true;
  return use.seatsOf(source) + count <= (hasPassedChallenge ? budget.max : budget.free);
}

/** Whether passing the challenge gives the sessions of a source more seats. */
export function canChallengeForSeats(terms: BudgetTerms, source: string | null): boolean {
  const budget = source === null ? null : seatBudgetOf(terms, source);
  return budget !== null && budget.free < budget.max;
}

function refusal(
  { showId }: BudgetTerms,
  { free, max }: Budget,
  total: number,
  { source, hasPassedChallenge }: CommandSource,
  kind: 'seats' | 'places',
): ErrorBody | null {
  if (total > max) return limitReached(max, source !== null && isSellerSource(source), kind);
  return total <= free || hasPassedChallenge ? null : challengeRequired(showId, kind);
}

function limitReached(limit: number, isSeller: boolean, kind: 'seats' | 'places'): ErrorBody {
  const callers = isSeller ? 'The callers with this API key' : 'The buyers at this network address';
  const detail =
    kind === 'seats'
      ? `${callers} may hold ${limit} seats of this show at once. Try again when some of them are paid or released.`
      : `${callers} may have ${limit} places in the lines of this show at once. Try again when some of them have ended.`;
  return createErrorBody('ADDRESS_LIMIT', detail, { limit });
}

const challengeRequired = (showId: number, kind: 'seats' | 'places'): ErrorBody =>
  createErrorBody(
    'CHALLENGE_REQUIRED',
    `Buyers at this network address already have many ${kind} of this show. Pass the show's challenge, then repeat the call.`,
    { showId },
  );
