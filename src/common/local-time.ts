/** Local times of cities. Calendar days have the form `2026-11-23`, times of day `20:15`, and zones are IANA names. */

import { findInstantsShowing, readWallClock } from '@usher/contract';

const dayMs = 86_400_000;

const dayOf = (wallClockMs: number): string => new Date(wallClockMs).toISOString().slice(0, 10);

/** Returns the calendar day of an instant in a time zone. */
export const localDay = (instant: Date, timeZone: string): string => dayOf(readWallClock(instant.getTime(), timeZone));

/** Returns the calendar day `days` later, or earlier if `days` is negative. */
export const addDays = (day: string, days: number): string => dayOf(Date.parse(`${day}T00:00Z`) + days * dayMs);

/**
 * Returns the instant of a local time. If summer time ends and the local time occurs twice, the first of the two
 * instants counts. If summer time begins and the local time is skipped, the result moves forward by the skipped hour.
 * This is the rule `compatible` of ECMAScript's Temporal.
 */
export function instantOf(day: string, time: string, timeZone: string): Date {
  const wanted = Date.parse(`${day}T${time}Z`);
  const offsetBefore = readWallClock(wanted - dayMs, timeZone) - (wanted - dayMs);
  return new Date(findInstantsShowing(wanted, timeZone)[0] ?? wanted - offsetBefore);
}

/** Returns the bounds of a calendar day in a zone. The day has 23 to 25 hours, and `until` is exclusive. */
export const localDayBounds = (day: string, timeZone: string): { from: Date; until: Date } => ({
  from: instantOf(day, '00:00', timeZone),
  until: instantOf(addDays(day, 1), '00:00', timeZone),
});
