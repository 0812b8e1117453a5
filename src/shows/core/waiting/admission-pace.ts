import { paceWindowMs } from '../line/stays.js';
import type { WaitingRoom } from '../model/show-terms.js';

/**
 * Returns how many sessions may be admitted in one second. This limit spreads the admissions evenly over the minute.
 */
const maxPerSecond = (admitPerMinute: number): number => Math.ceil(admitPerMinute / 60);

/** The times of the admissions so far. */
interface Admissions {
  /** Returns the number of admissions after a moment. */
  admittedSince(moment: number): number;
}

/** Returns how many more sessions the pace of the waiting room allows to be admitted now. */
export function admissionsLeft(admissions: Admissions, { admitPerMinute }: WaitingRoom, now: number): number {
  if (admitPerMinute === null) return Infinity;
  const inMinute = admitPerMinute - admissions.admittedSince(now - paceWindowMs);
  return Math.min(inMinute, maxPerSecond(admitPerMinute) - admissions.admittedSince(now - 1000));
}

/**
 * Returns the earliest time from `now` on at which the pace allows the next admission, if nobody is admitted before
 * that.
 */
export function nextAdmissionAt(
  admissions: { lastButAt: (nth: number) => number },
  { admitPerMinute }: WaitingRoom,
  now: number,
): number {
  if (admitPerMinute === null) return now;
  const whenMinuteHasRoom = admissions.lastButAt(admitPerMinute - 1) + paceWindowMs;
  const whenSecondHasRoom = admissions.lastButAt(maxPerSecond(admitPerMinute) - 1) + 1000;
  return Math.max(now, whenMinuteHasRoom, whenSecondHasRoom);
}
