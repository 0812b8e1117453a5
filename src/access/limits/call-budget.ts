import { rateLimitHeader, rateLimitPolicyHeader } from '@usher/contract';
import type { Request } from 'express';
import { DomainError } from '../../common/domain-error.js';
import { MemoryLimiter } from '../../common/memory-limiter.js';

/**
 * Length of the window of each budget. A caller that sent nothing for a while may send the calls of two seconds at
 * once.
 */
const windowSeconds = 2;

/** What a {@link CallBudget} limits. */
interface CallBudgetOptions {
  /** The name in the headers of the answer. */
  readonly name: string;
  /** The callers in the text of the error, such as `calls of one session`. */
  readonly subject: string;
  readonly perSecond: number;
}

/** One kind of call budget, for example that of sessions. Each key, for example each session, has a budget of its own. */
export class CallBudget {
  private readonly limiter: MemoryLimiter;
  private readonly points: number;

  constructor(private readonly options: CallBudgetOptions) {
    this.points = options.perSecond * windowSeconds;
    this.limiter = new MemoryLimiter({ points: this.points, seconds: windowSeconds });
  }

  /**
   * Counts a call for a key.
   *
   * @param request the REST call whose answer gets headers with the rest of the budget; they replace those of an earlier
   * budget. Without it, the budget has no headers
   * @throws DomainError `RATE_LIMITED` if the budget is used up
   */
  async take(key: string, request?: Request): Promise<void> {
    const { waitMs, pointsLeft, resetMs } = await this.limiter.consume(key);
    const { name, subject, perSecond } = this.options;
    request?.res?.setHeader(rateLimitPolicyHeader, `"${name}";q=${this.points};w=${windowSeconds}`);
    request?.res?.setHeader(rateLimitHeader, `"${name}";r=${pointsLeft};t=${Math.ceil(resetMs / 1000)}`);
    if (waitMs === 0) return;
    throw new DomainError('RATE_LIMITED', `Too many ${subject}. The limit is ${perSecond} per second.`, {
      retryAfterMs: waitMs,
    });
  }

  /** Counts a call for a key, as {@link take} does. @returns false if the budget is used up */
  async tryTake(key: string): Promise<boolean> {
    return (await this.limiter.take(key)) === 0;
  }
}
