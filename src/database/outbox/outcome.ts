import { backoffMs, type OutboxRow, type RetryPolicy } from './retry-policy.js';

/** The outcome of one attempt at a row, as the handler of the row reports it. */
export type Outcome =
  /** The row's work is done. `result` is kept with the row if its table has a column for results. */
  | { readonly type: 'done'; readonly result?: string }
  /** The work has begun and ends without further help. The next attempt asks for the result of the work. */
  | { readonly type: 'pending'; readonly delayMs?: number }
  /** The attempt failed, and a retry may succeed. `retryAfterMs` is the delay that the receiver asked for. */
  | { readonly type: 'failed'; readonly reason: string; readonly retryAfterMs?: number }
  /** The receiver refused the attempt and would also refuse every retry. */
  | { readonly type: 'refused'; readonly reason: string }
  /** The row has lost its purpose, for example because its receiver has unsubscribed. */
  | { readonly type: 'obsolete'; readonly reason: string };

/** How a row changes after an attempt. */
export type RowChange =
  | { readonly type: 'done'; readonly result: string | null }
  /** The row becomes due again after the delay. `reason` says why the attempt failed, or is null if it did not fail. */
  | { readonly type: 'postponed'; readonly delayMs: number; readonly reason: string | null }
  /** The row gets no further attempt. */
  | { readonly type: 'abandoned'; readonly reason: string };

/** Decides how a row changes after an attempt. @param random returns a number from 0 (inclusive) to 1 (exclusive) */
export function toRowChange(
  policy: RetryPolicy,
  row: OutboxRow,
  outcome: Outcome,
  random: () => number = Math.random,
): RowChange {
  switch (outcome.type) {
    case 'done':
      return { type: 'done', result: outcome.result ?? null };
    case 'pending':
      return { type: 'postponed', delayMs: outcome.delayMs ?? backoffMs(policy, row, random), reason: null };
    case 'refused':
    case 'obsolete':
      return { type: 'abandoned', reason: outcome.reason };
    case 'failed': {
      const { reason, retryAfterMs = 0 } = outcome;
      const delayMs = Math.max(backoffMs(policy, row, random), retryAfterMs);
      const isLastAttempt = policy.attemptsMax !== null && row.attempts >= policy.attemptsMax;
      const expiresFirst = typeof row.msLeft === 'number' && delayMs >= row.msLeft;
      return isLastAttempt || expiresFirst ? { type: 'abandoned', reason } : { type: 'postponed', delayMs, reason };
    }
  }
}
