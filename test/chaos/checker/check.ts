import type { Entry } from '../history.js';
import type { ShowTables } from '../tables.js';
import { checkAcknowledged, checkKeys, checkUnrequested } from './bookings.js';
import { checkHeldSeats, checkHolds, type Lateness } from './holds.js';
import { checkLines, checkPlaces } from './lines.js';
import { checkMaps, checkVersions } from './maps.js';
import { checkOrderOfTime, checkSeats } from './seats.js';
import { Timeline } from './timeline.js';
import type { Violation } from './violation.js';

/** The result of all checks of one run. */
export interface Verdict {
  readonly violations: readonly Violation[];
  readonly lateness: Lateness;
  /** Number of clients whose last map was compared with the database. */
  readonly mapsCompared: number;
}

/**
 * Checks every promise of a chaos run. The checker reads only two things: the history, and the tables at the end of the
 * run. The history records every call, answer and event of the clients with times of one clock. The checker uses
 * no code of the service except the contract's types and names, and knows nothing else about the run. Messages are
 * delayed, so a check reports a violation only if no order of events within the recorded times explains what the
 * clients saw.
 *
 * A failed run prints its seed. `npm run chaos -- --seed N` repeats the same buyers and faults. The run is still never
 * exactly the same, because the timing of real processes varies. So the evidence is the history in the folder of the
 * failed run.
 */
export function check(entries: readonly Entry[], shows: readonly ShowTables[]): Verdict {
  const timeline = new Timeline(entries);
  const maps = checkMaps(timeline, shows);
  const holds = checkHolds(timeline, shows);
  const violations = [
    ...checkSeats(timeline),
    ...checkAcknowledged(timeline, shows),
    ...checkUnrequested(timeline, shows),
    ...checkKeys(timeline, shows),
    ...checkOrderOfTime(timeline),
    ...checkVersions(shows),
    ...maps.violations,
    ...holds.violations,
    ...checkHeldSeats(shows),
    ...checkLines(timeline, shows),
    ...checkPlaces(timeline, shows),
  ];
  return { violations, lateness: holds.lateness, mapsCompared: maps.compared };
}
