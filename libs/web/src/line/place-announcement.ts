/** What was last said aloud of a place in line. */
export interface PlaceAnnouncement {
  readonly ahead: number | null;
  /** Milliseconds, on any clock. */
  readonly at: number;
}

/** However fast a line moves, its news leaves a listener room for all else. */
const announcementIntervalMsMin = 20_000;
/** With so few ahead every step is news. */
const announceEveryStepAheadMax = 3;

/**
 * Whether a place's news is worth interrupting a screen reader's user for: being next always is, once; else half of
 * those ahead must be gone, or few be left, and some time have passed since something was said.
 */
export function shouldAnnouncePlace(said: PlaceAnnouncement, ahead: number | null, at: number): boolean {
  if (ahead === null || ahead === said.ahead) return false;
  if (said.ahead === null || ahead === 0) return true;
  return at - said.at >= announcementIntervalMsMin && (ahead <= said.ahead / 2 || ahead <= announceEveryStepAheadMax);
}
