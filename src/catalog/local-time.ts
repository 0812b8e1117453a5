/** The wall clocks of cities: calendar days are `2026-11-23`, times of day `20:15`, zones IANA names. */

import { findInstantsShowing, readWallClock } from '@usher/contract';

const dayMs = 86_400_000;

const dayOf = (wallClockMs: number): string => new Date(wallClockMs).toISOString().slice(0, 10);

/** The calendar day in a zone at an instant. */
export const localDay = (instant: Date, timeZone: string): string => dayOf(readWallClock(instant.getTime(), timeZone));

/** The calendar day `days` after another (before it, if negative). */
export const addDays = (day: string, days: number): string => dayOf(Date.parse(`${day}T00:00Z`) + days * dayMs);

/**
 * When a zone's clocks show a time of a day. A time that they show twice (summer time ends) is the first of the two; one
 * that they skip (it begins) is as much later as they skip: the rule `compatible` of ECMAScript's Temporal.
 */
export function instantOf(day: string, time: string, timeZone: string): Date {
  const wanted = Date.parse(`${day}T${time}Z`);
  const offsetBefore = readWallClock(wanted - dayMs, timeZone) - (wanted - dayMs);
  return new Date(findInstantsShowing(wanted, timeZone)[0] ?? wanted - offsetBefore);
}

/** From when to when a calendar day lasts in a zone: 23 to 25 hours. `until` is not in it any more. */
export const localDayBounds = (day: string, timeZone: string): { from: Date; until: Date } => ({
  from: instantOf(day, '00:00', timeZone),
  until: instantOf(addDays(day, 1), '00:00', timeZone),
});
