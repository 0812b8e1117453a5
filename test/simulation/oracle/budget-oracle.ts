import type { ShowTerms } from '../../../src/shows/core/model/show-terms.js';
import type { ReferenceShow } from '../reference/reference-show.js';
import type { Waiter } from '../../../src/shows/core/model/waiter.js';
import type { Expect } from './promises.js';

/** Returns the maximum numbers of unpaid seats and of places of a source. Infinity means that there is no maximum. */
export function maximumsOf({ budgets }: ShowTerms, source: string): { seats: number; places: number } {
  const { addressSeats, addressPlaces, keySeatsMax, keyPlacesMax } = budgets;
  const isKey = source.startsWith('key:');
  return {
    seats: (isKey ? keySeatsMax : addressSeats?.max) ?? Infinity,
    places: (isKey ? keyPlacesMax : addressPlaces?.max) ?? Infinity,
  };
}

/** Returns how many unpaid seats a source may hold with an offer to this waiter. */
export function offerLimit(terms: ShowTerms, { source, hasPassedChallenge }: Waiter): number {
  if (source === null) return Infinity;
  const { addressSeats } = terms.budgets;
  const isFree = !source.startsWith('key:') && !hasPassedChallenge;
  return isFree ? (addressSeats?.free ?? Infinity) : maximumsOf(terms, source).seats;
}

/** Checks that an offer does not give a source more than its free part without the challenge, or than its budget. */
export function checkOfferBudget(terms: ShowTerms, fold: ReferenceShow, waiter: Waiter, expect: Expect): void {
  const [, held = 0] = fold.sources().find(([name]) => name === waiter.source) ?? [];
  const isWithin = held + waiter.partySize <= offerLimit(terms, waiter);
  const detail = `${waiter.source} holds ${held} seats of show ${terms.showId}, and the line offers ${waiter.partySize} more`;
  expect('sourceBudgets', isWithin, detail);
}

/** Checks that the parties of a source wait for no more than its free part of the seats without the challenge. */
export function checkJoinBudget(terms: ShowTerms, fold: ReferenceShow, waiter: Waiter, expect: Expect): void {
  const { line, partySize, source, hasPassedChallenge } = waiter;
  if (line !== 'seats' || source === null || source.startsWith('key:') || hasPassedChallenge) return;
  const [, held = 0, , waiting = 0] = fold.sources().find(([name]) => name === source) ?? [];
  const isWithin = held + waiting + partySize <= (terms.budgets.addressSeats?.free ?? Infinity);
  const detail = `${source} holds ${held} and waits for ${waiting} seats of show ${terms.showId}, and ${partySize} more join`;
  expect('sourceBudgets', isWithin, detail);
}

/** Checks that a commit leaves no source with more than its budget. */
export function checkBudgets(terms: ShowTerms, fold: ReferenceShow, expect: Expect): void {
  for (const [source, seats, places] of fold.sources()) {
    const max = maximumsOf(terms, source);
    const isWithin = seats <= max.seats && places <= max.places;
    expect('sourceBudgets', isWithin, `${source} has ${seats} seats and ${places} places of show ${terms.showId}`);
  }
}
