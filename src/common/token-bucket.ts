/** Tolerance for rounding errors. Even after the full wait, the sum of the added fractions may be this much below 1. */
const roundingTolerance = 1e-9;

/**
 * Limits the rate of events. In the long run, it allows `perSecond` events per second. After a quiet time, it allows up
 * to `burst` events at once.
 */
export class TokenBucket {
  private tokens: number;
  private filledAt: number;

  /** @param clock returns the ms since some fixed moment */
  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.tokens = burst;
    this.filledAt = clock();
  }

  /**
   * Takes tokens.
   *
   * @param count at most the burst
   * @returns 0 if the tokens were available, otherwise the ms until they will be. In this case it takes none
   */
  take(count = 1): number {
    const now = this.clock();
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.filledAt) / 1000) * this.perSecond);
    this.filledAt = now;
    if (this.tokens < count - roundingTolerance) return Math.ceil(((count - this.tokens) / this.perSecond) * 1000);
    this.tokens = Math.max(0, this.tokens - count);
    return 0;
  }
}
