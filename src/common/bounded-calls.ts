import pLimit, { type LimitFunction } from 'p-limit';
import { DomainError } from './domain-error.js';

/** Options of {@link BoundedCalls}. */
interface Bounds {
  /** Maximum number of calls that run at once on a node. */
  readonly runningMax: number;
  /** Maximum number of calls that wait on a node. */
  readonly waitingMax: number;
  /** The text of the refusal. */
  readonly detail: string;
  /** Time after which a refused caller may try again. */
  readonly retryAfterMs: number;
}

/** Runs expensive calls, only a few of them at once, so that they do not slow down other callers. */
export class BoundedCalls {
  private readonly limit: LimitFunction;

  constructor(private readonly bounds: Bounds) {
    this.limit = pLimit(bounds.runningMax);
  }

  /** Runs a call when its turn has come. @throws DomainError `BUSY` if too many calls are waiting */
  async run<T>(call: () => Promise<T>): Promise<T> {
    const { waitingMax, detail, retryAfterMs } = this.bounds;
    if (this.limit.pendingCount >= waitingMax) throw new DomainError('BUSY', detail, { retryAfterMs });
    return this.limit(call);
  }
}
