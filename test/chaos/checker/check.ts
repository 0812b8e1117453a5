import type { Entry } from '../history.js';
import type { ShowTables } from '../tables.js';
import { checkAcknowledged, checkKeys, checkUnasked } from './bookings.js';
import { checkHeld, checkHolds, type Lateness } from './holds.js';
import { checkLines, checkPlaces } from './lines.js';
import { checkMaps, checkVersions } from './maps.js';
import { checkOrderOfTime, checkSeats } from './seats.js';
import { Timeline } from './timeline.js';
import type { Violation } from './violation.js';

/** What a history comes to. */
export interface Verdict {
  readonly violations: readonly Violation[];
  readonly lateness: Lateness;
  /** Clients whose last map was held against the database. */
  readonly mapsCompared: number;
}

/** Holds a history, and the database as it was at its end, against every promise. Knows nothing else of the run. */
export function check(entries: readonly Entry[], shows: readonly ShowTables[]): Verdict {
  const timeline = new Timeline(entries);
  const maps = checkMaps(timeline, shows);
  const holds = checkHolds(timeline, shows);
  const violations = [
    ...checkSeats(timeline),
    ...checkAcknowledged(timeline, shows),
    ...checkUnasked(timeline, shows),
    ...checkKeys(timeline, shows),
    ...checkOrderOfTime(timeline),
    ...checkVersions(shows),
    ...maps.violations,
    ...holds.violations,
    ...checkHeld(shows),
    ...checkLines(timeline, shows),
    ...checkPlaces(timeline, shows),
  ];
  return { violations, lateness: holds.lateness, mapsCompared: maps.compared };
}
