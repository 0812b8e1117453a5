const dayMs = 86_400_000;

const formats = new Map<string | undefined, Intl.DateTimeFormat>();

// Keeps one format per time zone, because creating a format costs far more than using it. There are at most a few
// hundred time zones.
function getFormat(timeZone: string | undefined): Intl.DateTimeFormat {
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

/** Reads the local time of a time zone from `Intl`, in the form that {@link readWallClock} returns. Takes about 5 µs. */
function formatWallClock(instant: number, timeZone: string | undefined): number {
  const part: Record<string, number> = {};
  for (const { type, value } of getFormat(timeZone).formatToParts(instant)) part[type] = Number(value);
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** For each time zone and each day (number of days since 1970): the zone's offset from UTC at midnight UTC, in ms. */
const midnightOffsets = new Map<string | undefined, Map<number, number>>();
const daysPerZoneMax = 1000;

function getMidnightOffset(day: number, timeZone: string | undefined): number {
  const ofZone = midnightOffsets.get(timeZone) ?? new Map<number, number>();
  midnightOffsets.set(timeZone, ofZone);
  let offset = ofZone.get(day);
  if (offset === undefined) {
    if (ofZone.size >= daysPerZoneMax) ofZone.clear();
    offset = formatWallClock(day * dayMs, timeZone) - day * dayMs;
    ofZone.set(day, offset);
  }
  return offset;
}

/**
 * Returns the local time of a time zone at an instant, to the second. The result is the instant (ms since 1970) at
 * which clocks in UTC show the same time.
 *
 * @param instant in ms since 1970
 * @param timeZone an IANA name; without it, the time zone of this machine
 */
export function readWallClock(instant: number, timeZone?: string): number {
  const wholeSeconds = Math.floor(instant / 1000) * 1000;
  const day = Math.floor(instant / dayMs);
  const offset = getMidnightOffset(day, timeZone);
  // No time zone changes its offset twice within a day, so if the offset is the same at both ends of the day, it
  // applies all day.
  if (offset === getMidnightOffset(day + 1, timeZone)) return wholeSeconds + offset;
  return formatWallClock(instant, timeZone);
}

/** Converts a local time to an instant. Uses the offset from UTC that the zone has at the instant `offsetAt`. */
const applyOffsetAt = (offsetAt: number, wallMs: number, timeZone?: string): number =>
  wallMs - (readWallClock(offsetAt, timeZone) - Math.floor(offsetAt / 1000) * 1000);

/**
 * Returns the instants (ms since 1970) at which the clocks of a time zone show a local time. A time in the hour that
 * repeats when summer time ends has two instants. A time in the hour that is skipped when summer time begins has none.
 *
 * @param wallMs the local time as {@link readWallClock} returns it
 */
export function findInstantsShowing(wallMs: number, timeZone?: string): number[] {
  // Only the offsets one day before and one day after can apply, because no time zone is a whole day away from UTC and
  // none changes its offset twice within two days.
  const candidates = [wallMs - dayMs, wallMs + dayMs].map((offsetAt) => applyOffsetAt(offsetAt, wallMs, timeZone));
  return [...new Set(candidates)].filter((instant) => readWallClock(instant, timeZone) === wallMs);
}

/**
 * Formats the zone's offset from UTC at an instant, e.g. "UTC+2", if the zone's clocks show the local time of this
 * instant twice. Otherwise, returns null. Without the offset, two shows in the hour that repeats when summer time ends
 * would have the same time on tickets and pages.
 */
export function formatOffsetIfRepeated(instant: number, timeZone?: string): string | null {
  const wallMs = readWallClock(instant, timeZone);
  if (findInstantsShowing(wallMs, timeZone).length < 2) return null;
  const minutes = Math.round((wallMs - instant) / 60_000);
  const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `UTC${minutes < 0 ? '−' : '+'}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
}

/** Returns a time of day, followed by its offset if the clocks show this time twice: "02:30 (UTC+2)". */
export function appendOffsetIfRepeated(time: string, instant: number, timeZone?: string): string {
  const offset = formatOffsetIfRepeated(instant, timeZone);
  return offset === null ? time : `${time} (${offset})`;
}
