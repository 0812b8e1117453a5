import type { WaitingRoom } from '../model/show-terms.js';
import { paceWindowMs } from '../line/inside.js';

/** Within a second no more are let in than this share of what a minute may see, so that a minute's worth is no one rush. */
const perSecond = (admitPerMinute: number): number => Math.ceil(admitPerMinute / 60);

/** When sessions were let in. */
interface Admissions {
  /** How many were let in after a moment. */
  admittedSince(moment: number): number;
}

/** How many more the pace lets in now. */
export function paceLeft(admissions: Admissions, { admitPerMinute }: WaitingRoom, now: number): number {
  if (admitPerMinute === null) return Infinity;
  const inMinute = admitPerMinute - admissions.admittedSince(now - paceWindowMs);
  return Math.min(inMinute, perSecond(admitPerMinute) - admissions.admittedSince(now - 1000));
}

/** When the pace lets in somebody next, if nobody is let in before: at `now` or later. */
export function paceLeftAt(
  admissions: { lastButAt: (nth: number) => number },
  { admitPerMinute }: WaitingRoom,
  now: number,
): number {
  if (admitPerMinute === null) return now;
  const whenMinuteHasRoom = admissions.lastButAt(admitPerMinute - 1) + paceWindowMs;
  const whenSecondHasRoom = admissions.lastButAt(perSecond(admitPerMinute) - 1) + 1000;
  return Math.max(now, whenMinuteHasRoom, whenSecondHasRoom);
}
