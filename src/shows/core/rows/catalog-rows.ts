import type { LoggedTerms, PlannedTerms } from '../model/show-terms.js';
import type { CatalogCommit } from './show-commit.js';

/** Collects the changes that one commit makes to the show's catalog entry. */
export class CatalogRows {
  private termsVersion: number | undefined;
  private terms: LoggedTerms | null = null;
  private isMoved = false;
  private calledOff: { readonly reason: string | null } | null = null;

  callOff(termsVersion: number | undefined, reason: string | null): void {
    this.termsVersion = termsVersion;
    this.calledOff ??= { reason };
  }

  /** @param isMoved whether the movie, the hall or the times changed */
  changeTerms(termsVersion: number | undefined, terms: LoggedTerms, isMoved: boolean): void {
    this.termsVersion = termsVersion;
    this.terms = terms;
    this.isMoved ||= isMoved;
  }

  /** Returns the changes, or null if there are none. */
  toCommit(): CatalogCommit | null {
    const { termsVersion, terms, calledOff } = this;
    if (termsVersion === undefined) return null;
    return { termsVersion, terms, planned: terms && this.isMoved ? plannedOf(terms) : null, calledOff };
  }
}

function plannedOf({ movieId, hallId, startsAt, endsAt }: LoggedTerms): PlannedTerms | null {
  const isWhole = movieId !== undefined && hallId !== undefined && startsAt !== undefined && endsAt !== undefined;
  return isWhole ? { movieId, hallId, startsAt, endsAt } : null;
}
