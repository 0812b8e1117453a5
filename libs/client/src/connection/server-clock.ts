/** How much faster or slower than the server's our clock may run: 200 parts in a million. */
const DRIFT = 2e-4;

/**
 * The server's clock, read on ours. Ours is monotonic, so setting the machine's clock changes nothing.
 *
 * Every message with a `serverTime` bounds the offset between the two: the server wrote it before we got it, and, where
 * it answers a request, after we sent that. The bounds of several messages narrow each other; the middle is the
 * estimate, at worst half of the quickest round trip off. Old bounds widen by what the clocks may have drifted.
 */
export class ServerClock {
  private lower = -Infinity;
  private upper = Infinity;
  private at = 0;
  /** The last round trip that was measured, in milliseconds. */
  private roundTrip = 0;
  private offset: number;

  /**
   * @param now our monotonic clock in milliseconds
   * @param wallNow the machine's wall clock in milliseconds since the epoch, the guess until the server has spoken
   */
  constructor(
    private readonly now: () => number = () => performance.now(),
    wallNow: () => number = () => Date.now(),
  ) {
    this.offset = wallNow() - now();
  }

  /** Milliseconds since the epoch by the server's clock. */
  serverNow(): number {
    return this.now() + this.offset;
  }

  /**
   * Learns from an answer that tells its time in whole seconds, as HTTP does: better than a wrong clock, and no match for
   * {@link learn}, which is all that counts from its first time on.
   *
   * @param date the answer's `Date`, cut off to a second
   * @param sentAt when we sent what it answers, on our clock
   */
  learnRoughly(date: string, sentAt: number): void {
    const written = Date.parse(date);
    if (Number.isNaN(written) || this.lower !== -Infinity) return;
    const earliest = written - this.now();
    const latest = written + 1000 - sentAt;
    // A machine whose clock fits what was said has the better one.
    if (this.offset < earliest || this.offset > latest) this.offset = (earliest + latest) / 2;
  }

  /**
   * Learns from a message.
   *
   * @param serverTime when the server wrote it, ISO-8601
   * @param sentAt when we sent what it answers, on our clock; null for a message that answers nothing
   */
  learn(serverTime: string, sentAt: number | null): void {
    const written = Date.parse(serverTime);
    if (Number.isNaN(written)) return;
    const now = this.now();
    const lower = written - now;
    // The server's time has whole milliseconds, cut off.
    const upper = sentAt === null ? Infinity : written + 1 - sentAt;
    if (sentAt !== null) this.roundTrip = now - sentAt;
    const drift = (now - this.at) * DRIFT;
    const narrowLower = Math.max(lower, this.lower - drift);
    const narrowUpper = Math.min(upper, this.upper + drift);
    // No overlap: one of the clocks was set, or ours stood still while the machine slept. Only the newest word counts.
    const broken = narrowLower > narrowUpper;
    this.lower = broken ? lower : narrowLower;
    this.upper = broken ? upper : narrowUpper;
    this.at = now;
    this.offset = (this.lower + Math.min(this.upper, this.lower + this.roundTrip)) / 2;
  }
}
