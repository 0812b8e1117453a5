import { TokenBucket } from '../common/token-bucket.js';

/** Time for which an address may open no connections after it has used up its budget. */
const refusalMs = 2000;

/**
 * The packets that all connections of one address may send to this node. A school or a mobile carrier may have thousands of
 * viewers behind one address, so the budget has a second part only for connections that send little. A flood cannot use up
 * this part with a few connections.
 */
export class AddressPackets {
  private readonly budget: TokenBucket;
  private readonly quietBudget: TokenBucket;
  private refusesUntilMs = 0;

  /** @param perSecondMax size of each part in packets per second; a burst has as many */
  constructor(perSecondMax: number) {
    this.budget = new TokenBucket(perSecondMax, perSecondMax);
    this.quietBudget = new TokenBucket(perSecondMax, perSecondMax);
  }

  /** Returns true if the address may open no connections now, because it has just used up its budget. */
  get refusesConnections(): boolean {
    return performance.now() < this.refusesUntilMs;
  }

  /** Counts packets. @returns false if the address has used up its budget */
  take(count = 1): boolean {
    if (this.budget.take(count) === 0) return true;
    this.refusesUntilMs = performance.now() + refusalMs;
    return false;
  }

  /** Counts a packet of a connection that sends little, after {@link take} returned false. @returns false as `take` does */
  takeQuiet(): boolean {
    return this.quietBudget.take() === 0;
  }
}
