/** Tolerance for rounding: sums of fractions may stay below 1 by this much after the full wait. */
const roundingTolerance = 1e-9;

/** Limits a rate: `perSecond` events in the long run, and up to `burst` events at once after a quiet time. */
export class TokenBucket {
  private tokens: number;
  private filledAt: number;

  /** @param clock returns ms since any fixed moment */
  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.tokens = burst;
    this.filledAt = clock();
  }

  /** Takes a token. @returns 0 if there was one, otherwise the ms until there will be one */
  take(): number {
    const now = this.clock();
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.filledAt) / 1000) * this.perSecond);
    this.filledAt = now;
    if (this.tokens < 1 - roundingTolerance) return Math.ceil(((1 - this.tokens) / this.perSecond) * 1000);
    this.tokens = Math.max(0, this.tokens - 1);
    return 0;
  }
}
