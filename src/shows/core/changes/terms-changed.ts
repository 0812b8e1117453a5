import type { Administered } from '../model/actor.js';
import type { ChangeableTerms, LoggedTerms } from '../model/show-terms.js';
import { noChainLink, noSeats, storedAsIs, type TermsChangeKind } from './change-kind.js';

/**
 * Staff or an import changed the show's terms. Each such change contains all changeable terms, so a reader needs only
 * the latest one.
 */
export interface TermsChanged extends Administered {
  readonly type: 'termsChanged';
  /**
   * Entries of earlier releases lack the plan (movie, hall and times) and the protection, because the log did not change
   * them then.
   */
  readonly terms: LoggedTerms;
  /** The previous values of the fields that changed. Absent in entries of earlier releases. */
  readonly before?: Partial<ChangeableTerms>;
  /** The number of changes to the show's terms so far, including this one. Absent in entries of earlier releases. */
  readonly termsVersion?: number;
}

export const termsChanged: TermsChangeKind<TermsChanged> = {
  seats: noSeats,
  // The lane keeps the terms, because a `ShowState` does not contain them.
  apply: () => null,
  termsAfter: (terms, change) => ({ ...terms, ...change.terms }),
  chainLink: noChainLink,
  addRows(rows, { termsVersion, terms, before = {} }) {
    const isMoved = ['movieId', 'hallId', 'startsAt', 'endsAt'].some((field) => field in before);
    rows.catalog.changeTerms(termsVersion, terms, isMoved);
    // New terms can change the time at which the next time-driven change to the lines is due. The rows of the lines
    // store that time.
    rows.lines.write();
  },
  ...storedAsIs,
};
