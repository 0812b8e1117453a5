import type { Administered } from '../model/actor.js';
import type { ChangeableTerms, PlannedTerms, SaleTerms } from '../model/show-terms.js';
import { noChainLink, noSeats, storedAsIs, type TermsChangeKind } from './change-kind.js';

/**
 * Staff or an import changed the show's terms. The change has all terms that can change, so the last one is complete.
 */
export interface TermsChanged extends Administered {
  readonly type: 'termsChanged';
  /** Entries of earlier releases have no plan (movie, hall and times), because the log did not change it then. */
  readonly terms: SaleTerms & Partial<PlannedTerms>;
  /** The previous values of the fields that changed. Absent in entries of earlier releases. */
  readonly before?: Partial<ChangeableTerms>;
  /** The number of changes of the show's terms, with this one. Absent in entries of earlier releases. */
  readonly termsVersion?: number;
}

export const termsChanged: TermsChangeKind<TermsChanged> = {
  seats: noSeats,
  // The lane keeps the terms. A state does not contain the terms of the show.
  apply: () => null,
  termsAfter: (terms, change) => ({ ...terms, ...change.terms }),
  chainLink: noChainLink,
  addRows(rows, { termsVersion, terms, before = {} }) {
    const isMoved = ['movieId', 'hallId', 'startsAt', 'endsAt'].some((field) => field in before);
    rows.catalog.changeTerms(termsVersion, terms, isMoved);
    // New terms can change when the next time-driven change of the lines is due, and the rows of the lines store that
    // time.
    rows.lines.write();
  },
  ...storedAsIs,
};
