import { localDay, localDayBounds } from '../../catalog/index.js';

/** How long before a show that begins after midnight its gates may open on the evening before. */
const doorsMs = 2 * 60 * 60 * 1000;

/** When a show is, and where its clocks stand. */
export interface ShowTimes {
  /** ISO-8601. */
  readonly startsAt: string;
  readonly endsAt: string;
  /** IANA name. */
  readonly timeZone: string;
}

/**
 * From when to when a show's tickets admit, both included, in ms since 1970: on its day there, and from before it begins
 * to its end where those are on others.
 */
export function admission({ startsAt, endsAt, timeZone }: ShowTimes): { from: number; until: number } {
  const starts = new Date(startsAt);
  const day = localDayBounds(localDay(starts, timeZone), timeZone);
  return {
    from: Math.min(day.from.getTime(), starts.getTime() - doorsMs),
    until: Math.max(day.until.getTime() - 1, Date.parse(endsAt)),
  };
}

/** Whether a show's tickets admit now. */
export function admitsAt(show: ShowTimes, now: number): boolean {
  const { from, until } = admission(show);
  return now >= from && now <= until;
}
