import { localDay, localDayBounds } from '../../common/local-time.js';

/** If a show begins after midnight, its gates may open this long before the start, on the evening before. */
const admissionLeadMs = 2 * 60 * 60 * 1000;

/** The start and end of a show, and the time zone of its cinema. */
export interface ShowTimes {
  /** ISO-8601. */
  readonly startsAt: string;
  readonly endsAt: string;
  /** Name of the time zone in the IANA database. */
  readonly timeZone: string;
}

/**
 * Returns the period in which a show's tickets admit. Both limits belong to the period and are in ms since 1970. The
 * period is the local day on which the show begins. It starts earlier if the gates open on the evening before, and ends
 * later if the show ends on the next day.
 */
export function admissionPeriod({ startsAt, endsAt, timeZone }: ShowTimes): { from: number; until: number } {
  const starts = new Date(startsAt);
  const day = localDayBounds(localDay(starts, timeZone), timeZone);
  return {
    from: Math.min(day.from.getTime(), starts.getTime() - admissionLeadMs),
    until: Math.max(day.until.getTime() - 1, Date.parse(endsAt)),
  };
}

/** Returns true if a show's tickets admit at the time `now`, in ms since 1970. */
export function isAdmissionTime(show: ShowTimes, now: number): boolean {
  const { from, until } = admissionPeriod(show);
  return now >= from && now <= until;
}
