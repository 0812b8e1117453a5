/** Number of consecutive measurements above the limit that count as overload. One long task is no overload. */
const overloadedSamplesMin = 3;

/**
 * Each measurement during an overload multiplies the share by the factor. Each measurement after the overload adds the
 * step. So the share falls quickly and rises slowly.
 */
const decreaseFactor = 0.7;
const increaseStep = 0.05;

/** Smallest share. Some work is always admitted, so that the measurements show when the node can do more. */
const shareMin = 0.05;

/**
 * Controls the share of new work that a node admits. The node admits all work until the waiting times stay above the
 * limit. After that, it admits only as much work as it can do. If it admitted either all work or none, it would swing
 * between idle and overloaded.
 */
export class AdmittedShare {
  private share = 1;
  private samplesAbove = 0;

  constructor(private readonly waitMsMax: number) {}

  /** The share of new work that is admitted now, from {@link shareMin} to 1. */
  get current(): number {
    return this.share;
  }

  /** Adjusts the share to a new measurement of how long work waits for the event loop. */
  observe(waitMs: number): void {
    this.samplesAbove = waitMs > this.waitMsMax ? this.samplesAbove + 1 : 0;
    if (this.samplesAbove === 0) this.share = Math.min(1, this.share + increaseStep);
    else if (this.samplesAbove >= overloadedSamplesMin || this.share < 1) {
      this.share = Math.max(shareMin, this.share * decreaseFactor);
    }
  }
}
