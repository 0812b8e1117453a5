/** Length of the time over which calls are averaged. */
const windowMs = 10_000;

/** The calls of one show in the current window and in the window before it. */
interface CallCount {
  windowStart: number;
  current: number;
  previous: number;
}

/** Counts calls per show on this node. @typeParam Show identifies a show; the count is forgotten with it */
export class ShowDemand<Show extends object> {
  private readonly counts = new WeakMap<Show, CallCount>();

  /**
   * Counts a call.
   *
   * @param now monotonic time in ms
   * @returns the calls per second of the show, on average over the last ten seconds
   */
  count(show: Show, now: number): number {
    const count = this.countOf(show, now);
    count.current++;
    const elapsed = (now - count.windowStart) / windowMs;
    // The previous window counts by the part of it that lies within the last ten seconds.
    return (count.current + count.previous * (1 - elapsed)) / (windowMs / 1000);
  }

  private countOf(show: Show, now: number): CallCount {
    const known = this.counts.get(show);
    if (!known) {
      const count = { windowStart: now, current: 0, previous: 0 };
      this.counts.set(show, count);
      return count;
    }
    const windows = Math.floor((now - known.windowStart) / windowMs);
    if (windows > 0) {
      known.previous = windows === 1 ? known.current : 0;
      known.current = 0;
      known.windowStart += windows * windowMs;
    }
    return known;
  }
}
