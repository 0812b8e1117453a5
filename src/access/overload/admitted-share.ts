/** So many measurements in a row above the limit: one long task is no overload, and is over before anyone is refused. */
const aboveMin = 3;

/** By what the share falls while too much comes, and what it gains while not: down quickly, up carefully. */
const fall = 0.7;
const gain = 0.05;

/** Some are always taken, so that it is seen when more can be. */
const shareMin = 0.05;

/**
 * Which share of new work a node takes: all of it, until work has waited too long for a while; then as much as it can
 * do. A gate that is open or shut would swing between idle and drowned.
 */
export class AdmittedShare {
  private share = 1;
  private above = 0;

  constructor(private readonly waitMsMax: number) {}

  /** From {@link shareMin} to 1. */
  get current(): number {
    return this.share;
  }

  /** Takes a measurement of how long work waits for its turn. */
  observe(waitMs: number): void {
    this.above = waitMs > this.waitMsMax ? this.above + 1 : 0;
    if (this.above === 0) this.share = Math.min(1, this.share + gain);
    else if (this.above >= aboveMin || this.share < 1) this.share = Math.max(shareMin, this.share * fall);
  }
}
