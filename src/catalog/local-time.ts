/** The wall clocks of cities: calendar days are `2026-11-23`, times of day `20:15`, zones IANA names. */

const dayMs = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

// Making a format costs far more than using it, and there are a few hundred zones at most.
function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  return format;
}

/** The wall clock at an instant, as if it were one of UTC, in milliseconds since 1970. */
function wallClock(instant: number, timeZone: string): number {
  const part: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(instant)) part[type] = Number(value);
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

const dayOf = (wallClockMs: number): string => new Date(wallClockMs).toISOString().slice(0, 10);

/** The calendar day in a zone at an instant. */
export const localDay = (instant: Date, timeZone: string): string => dayOf(wallClock(instant.getTime(), timeZone));

/** The calendar day `days` after another (before it, if negative). */
export const addDays = (day: string, days: number): string => dayOf(Date.parse(`${day}T00:00Z`) + days * dayMs);

/**
 * When a zone's clocks show a time of a day. A time that they show twice (summer time ends) is the first of the two; one
 * that they skip (it begins) is as much later as they skip: the rule `compatible` of ECMAScript's Temporal.
 */
export function instantOf(day: string, time: string, timeZone: string): Date {
  const wanted = Date.parse(`${day}T${time}Z`);
  // No zone is a day away from UTC, and none changes twice in two days: these two offsets are all there can be.
  const offsetBefore = wallClock(wanted - dayMs, timeZone) - (wanted - dayMs);
  const offsetAfter = wallClock(wanted + dayMs, timeZone) - (wanted + dayMs);
  const candidates = [wanted - offsetBefore, wanted - offsetAfter];
  const shown = candidates.find((instant) => wallClock(instant, timeZone) === wanted);
  return new Date(shown ?? wanted - offsetBefore);
}

/** From when to when a calendar day lasts in a zone: 23 to 25 hours. `until` is not in it any more. */
export const localDayBounds = (day: string, timeZone: string): { from: Date; until: Date } => ({
  from: instantOf(day, '00:00', timeZone),
  until: instantOf(addDays(day, 1), '00:00', timeZone),
});
