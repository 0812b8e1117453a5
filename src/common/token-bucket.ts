/** Whoever waited as long as told is let through, though sums of fractions fall short of 1 by as little as this. */
const rounding = 1e-9;

/** Lets so many things a second through for long, and so many at once after a quiet while. */
export class TokenBucket {
  private tokens: number;
  private filledAt: number;

  /** @param clock ms since any moment */
  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.tokens = burst;
    this.filledAt = clock();
  }

  /** @returns 0 when one more is let through, else after how many ms it would be */
  take(): number {
    const now = this.clock();
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.filledAt) / 1000) * this.perSecond);
    this.filledAt = now;
    if (this.tokens < 1 - rounding) return Math.ceil(((1 - this.tokens) / this.perSecond) * 1000);
    this.tokens = Math.max(0, this.tokens - 1);
    return 0;
  }
}
