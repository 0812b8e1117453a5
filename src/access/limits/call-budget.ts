import { rateLimitHeader, rateLimitPolicyHeader } from '@usher/contract';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { DomainError } from '../../common/domain-error.js';
import type { SharedLimiter } from '../budgets/shared-limiter.js';
import type { SharedLimiters } from '../budgets/shared-limiters.service.js';

/**
 * Length of the window of each budget. A caller that sent nothing for a while may send the calls of two seconds at
 * once.
 */
const windowSeconds = 2;

/** The largest part of a budget that one call may cost. With a small budget, expensive calls are still possible. */
const callShareMax = 0.25;

/** What a {@link CallBudget} limits. */
interface CallBudgetOptions {
  /** The name in the headers of the answer. */
  readonly name: string;
  /** The callers in the text of the error, such as `calls of one session`. */
  readonly subject: string;
  readonly perSecond: number;
}

/** A request whose answer gets headers with the rest of a budget. */
export type CountedRequest = IncomingMessage & { readonly res?: ServerResponse | undefined };

/** One kind of call budget, for example that of sessions. Each key, for example each session, has a budget of its own. */
export class CallBudget {
  private readonly limiter: SharedLimiter;
  private readonly points: number;

  constructor(
    private readonly options: CallBudgetOptions,
    limiters: SharedLimiters,
  ) {
    this.points = options.perSecond * windowSeconds;
    this.limiter = limiters.create(options.name, { points: this.points, seconds: windowSeconds });
  }

  /**
   * Takes the points of a call from the budget of a key.
   *
   * @param request the REST call whose answer gets headers with the rest of the budget; they replace those of an earlier
   * budget. Without it, the budget has no headers
   * @throws DomainError `RATE_LIMITED` if the budget is used up
   */
  async take(key: string, points = 1, request?: CountedRequest): Promise<void> {
    const cost = Math.min(points, Math.max(1, Math.floor(this.points * callShareMax)));
    const { waitMs, pointsLeft, resetMs } = await this.limiter.consume(key, cost);
    const { name, subject, perSecond } = this.options;
    request?.res?.setHeader(rateLimitPolicyHeader, `"${name}";q=${this.points};w=${windowSeconds}`);
    request?.res?.setHeader(rateLimitHeader, `"${name}";r=${pointsLeft};t=${Math.ceil(resetMs / 1000)}`);
    if (waitMs === 0) return;
    throw new DomainError(
      'RATE_LIMITED',
      `Too many ${subject}. The limit is ${perSecond} points per second, and an expensive call costs several points.`,
      { retryAfterMs: waitMs },
    );
  }

  /** Takes one point of a key, as {@link take} does. @returns false if the budget is used up */
  async tryTake(key: string): Promise<boolean> {
    return (await this.limiter.take(key)) === 0;
  }
}
