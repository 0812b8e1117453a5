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

  /** Takes a token. @returns 0 if a token was available, otherwise the ms until one will be */
  take(): number {
    const now = this.clock();
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.filledAt) / 1000) * this.perSecond);
    this.filledAt = now;
    if (this.tokens < 1 - roundingTolerance) return Math.ceil(((1 - this.tokens) / this.perSecond) * 1000);
    this.tokens = Math.max(0, this.tokens - 1);
    return 0;
  }
}
