/** The last announcement of a place in line. */
export interface PlaceAnnouncement {
  readonly ahead: number | null;
  /** Milliseconds on any clock. */
  readonly at: number;
}

/** Shortest time between two announcements. It lets the user hear other texts even if the line moves fast. */
const announcementIntervalMsMin = 20_000;

/** If at most this many people are ahead, every step forward is announced. */
const announceEveryStepAheadMax = 3;

/**
 * Returns true if screen readers should read the new place. The first place is always announced, and so is the place at
 * the front. Another place is announced only after a pause since the last announcement. In addition, half of the people
 * ahead must be gone, or only a few may still be ahead.
 */
export function shouldAnnouncePlace(last: PlaceAnnouncement, ahead: number | null, at: number): boolean {
  if (ahead === null || ahead === last.ahead) return false;
  if (last.ahead === null || ahead === 0) return true;
  const hasPaused = at - last.at >= announcementIntervalMsMin;
  return hasPaused && (ahead <= last.ahead / 2 || ahead <= announceEveryStepAheadMax);
}
