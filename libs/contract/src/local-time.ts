const dayMs = 86_400_000;

const formats = new Map<string | undefined, Intl.DateTimeFormat>();

// Making a format costs far more than using it, and there are a few hundred zones at most.
function formatOf(timeZone: string | undefined): Intl.DateTimeFormat {
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

/**
 * What the clocks of a time zone show at an instant (ms since 1970), as if they were clocks of UTC, to the second.
 *
 * @param timeZone an IANA name; undefined: the zone of this machine
 */
export function readWallClock(instant: number, timeZone?: string): number {
  const part: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(instant)) part[type] = Number(value);
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** An instant that the clocks of a zone show as `wallMs`, by the offset that applies at another instant. */
const byOffsetAt = (other: number, wallMs: number, timeZone?: string): number =>
  wallMs - (readWallClock(other, timeZone) - Math.floor(other / 1000) * 1000);

/**
 * The instants (ms since 1970) at which the clocks of a time zone show a time: two in the hour that repeats when summer time
 * ends, none in the hour that they skip when it begins.
 *
 * @param wallMs the time that they show, as if they were clocks of UTC
 */
export function findInstantsShowing(wallMs: number, timeZone?: string): number[] {
  // No zone is a day away from UTC, and none changes twice in two days, so these two offsets are all there can be.
  const candidates = [wallMs - dayMs, wallMs + dayMs].map((other) => byOffsetAt(other, wallMs, timeZone));
  return [...new Set(candidates)].filter((instant) => readWallClock(instant, timeZone) === wallMs);
}

/**
 * The offset from UTC at an instant, as "UTC+2", if the clocks of the zone show the time of this instant twice. Without it,
 * two shows in the hour that repeats when summer time ends would have the same time on tickets and pages. Otherwise null.
 */
export function formatOffsetIfRepeated(instant: number, timeZone?: string): string | null {
  const wallMs = readWallClock(instant, timeZone);
  if (findInstantsShowing(wallMs, timeZone).length < 2) return null;
  const minutes = Math.round((wallMs - instant) / 60_000);
  const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `UTC${minutes < 0 ? '−' : '+'}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
}

/** A time of day with its offset behind it where the clocks show it twice: "02:30 (UTC+2)". */
export function appendOffsetIfRepeated(time: string, instant: number, timeZone?: string): string {
  const offset = formatOffsetIfRepeated(instant, timeZone);
  return offset === null ? time : `${time} (${offset})`;
}
