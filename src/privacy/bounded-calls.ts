import pLimit from 'p-limit';
import { DomainError } from '../common/domain-error.js';

/** Maximum number of calls that run at once on a node. They read or rewrite many rows. */
const runningMax = 2;
/** Maximum number of calls that wait on a node. */
const waitingMax = 32;

/** Runs expensive calls, only a few of them at once, so that they do not slow down other callers. */
export class BoundedCalls {
  private readonly limit = pLimit(runningMax);

  /** Runs a call when its turn has come. @throws DomainError `BUSY` if too many calls are waiting */
  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.limit.pendingCount >= waitingMax) {
      const detail = 'Too many exports and erasures are waiting. This call did nothing, so a retry is safe.';
      throw new DomainError('BUSY', detail, { retryAfterMs: 1000 });
    }
    return this.limit(call);
  }
}
