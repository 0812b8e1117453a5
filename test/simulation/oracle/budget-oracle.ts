import type { ShowTerms } from '../../../src/shows/core/model/show-terms.js';
import type { ReferenceShow } from '../reference/reference-show.js';
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

/** Checks that a commit leaves no source with more than its budget. */
export function checkBudgets(terms: ShowTerms, fold: ReferenceShow, expect: Expect): void {
  for (const [source, seats, places] of fold.sources()) {
    const max = maximumsOf(terms, source);
    const isWithin = seats <= max.seats && places <= max.places;
    expect('sourceBudgets', isWithin, `${source} has ${seats} seats and ${places} places of show ${terms.showId}`);
  }
}
