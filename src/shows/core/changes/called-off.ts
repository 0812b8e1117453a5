import type { Administered } from '../model/actor.js';
import { noChainLink, noSeats, storedAsIs, type TermsChangeKind } from './change-kind.js';

/** Staff called the show off. Its sale has ended, whatever its catalog entry says. */
export interface CalledOff extends Administered {
  readonly type: 'calledOff';
  /** The number of changes of the show's terms, with this one. Absent in entries of earlier releases. */
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
