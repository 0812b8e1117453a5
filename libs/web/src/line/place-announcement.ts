/** The last announcement of a place in line. */
export interface PlaceAnnouncement {
  readonly ahead: number | null;
  /** Milliseconds on any clock. */
  readonly at: number;
}

/** Shortest time between two announcements. Even if the line moves fast, the user can still hear other texts. */
const announcementIntervalMsMin = 20_000;

/** If at most this many people are ahead, every step forward is announced. */
const announceEveryStepAheadMax = 3;

/**
 * Returns true if screen readers should read the new place. The first place and being next are always announced. Other
 * steps need a pause since the last announcement. In addition, either half of the people ahead must have left the line,
 * or only a few people are still ahead.
 */
export function shouldAnnouncePlace(last: PlaceAnnouncement, ahead: number | null, at: number): boolean {
  if (ahead === null || ahead === last.ahead) return false;
  if (last.ahead === null || ahead === 0) return true;
  const hasPaused = at - last.at >= announcementIntervalMsMin;
  return hasPaused && (ahead <= last.ahead / 2 || ahead <= announceEveryStepAheadMax);
}
