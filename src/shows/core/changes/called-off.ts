import type { Administered } from '../model/actor.js';
import { noChainLink, noSeats, storedAsIs, type TermsChangeKind } from './change-kind.js';

/** Staff called the show off. Its sale is over, even if its catalog entry gives a later end of the sale. */
export interface CalledOff extends Administered {
  readonly type: 'calledOff';
  /** The number of changes to the show's terms so far, including this one. Absent in entries of earlier releases. */
  readonly termsVersion?: number;
}

export const calledOff: TermsChangeKind<CalledOff> = {
  seats: noSeats,
  apply(show) {
    show.calledOff = true;
    return null;
  },
  termsAfter: (terms) => terms,
  chainLink: noChainLink,
  addRows(rows, { termsVersion, reason = null }) {
    rows.catalog.callOff(termsVersion, reason);
    rows.lines.callOff();
  },
  ...storedAsIs,
};
