/** Largest assumed difference in speed between the two clocks: 200 parts per million. */
const maxDriftRatio = 2e-4;

/**
 * An estimate of the server's clock, based on this machine's monotonic clock. So the estimate does not change if a user
 * sets the machine's wall clock.
 *
 * Every message with a `serverTime` limits the possible offset between the two clocks. The server wrote the time before
 * the client received the message. If the message answers a request, the server wrote the time after the client sent
 * the request. Several messages together give narrower limits. The estimate is the middle between the limits, so its
 * error is at most half of the shortest round trip. Old limits widen over time, because the clocks may drift.
 */
export class ServerClock {
  private lower = -Infinity;
  private upper = Infinity;
  private updatedAt = 0;
  private lastRoundTripMs = 0;
  private offset: number;

  /**
   * @param now returns the monotonic clock in milliseconds
   * @param wallNow returns the machine's wall clock in milliseconds since the epoch. It is the estimate until the server
   *   has sent a time
   */
  constructor(
    private readonly now: () => number = () => performance.now(),
    wallNow: () => number = () => Date.now(),
  ) {
    this.offset = wallNow() - now();
  }

  /** Returns the server's time in milliseconds since the epoch. */
  serverNow(): number {
    return this.now() + this.offset;
  }

  /**
   * Learns from the `Date` header of an HTTP response. The header has only whole seconds. That is better than a wrong
   * machine clock, but less exact than the times that {@link learn} receives. So this method has no effect after the
   * first call of {@link learn}.
   *
   * @param date the `Date` header, rounded down to a second
   * @param sentAt when the client sent the request, on the monotonic clock
   */
  learnFromDateHeader(date: string, sentAt: number): void {
    const written = Date.parse(date);
    if (Number.isNaN(written) || this.lower !== -Infinity) return;
    const earliest = written - this.now();
    const latest = written + 1000 - sentAt;
    // If the machine's clock is within these limits, it is more precise than the header.
    if (this.offset < earliest || this.offset > latest) this.offset = (earliest + latest) / 2;
  }

  /**
   * Learns from a message with the server's time.
   *
   * @param serverTime when the server wrote the message, ISO-8601
   * @param sentAt when the client sent the request that the message answers, on the monotonic clock. Null if the message
   *   answers no request
   */
  learn(serverTime: string, sentAt: number | null): void {
    const written = Date.parse(serverTime);
    if (Number.isNaN(written)) return;
    const now = this.now();
    const lower = written - now;
    // The server rounds its time down to a whole millisecond.
    const upper = sentAt === null ? Infinity : written + 1 - sentAt;
    if (sentAt !== null) this.lastRoundTripMs = now - sentAt;
    const drift = (now - this.updatedAt) * maxDriftRatio;
    const narrowLower = Math.max(lower, this.lower - drift);
    const narrowUpper = Math.min(upper, this.upper + drift);
    // If the limits contradict each other, one of the clocks was set, or the monotonic clock stopped while the machine
    // slept. In that case, only the newest message counts.
    const isContradiction = narrowLower > narrowUpper;
    this.lower = isContradiction ? lower : narrowLower;
    this.upper = isContradiction ? upper : narrowUpper;
    this.updatedAt = now;
    this.offset = (this.lower + Math.min(this.upper, this.lower + this.lastRoundTripMs)) / 2;
  }
}
