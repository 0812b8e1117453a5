import { toUsherError, type UsherError } from './errors.js';

const minRetryDelayMs = 50;
const firstUnauthenticatedDelayMs = 200;
const maxUnauthenticatedDelayMs = 5_000;
const firstCallDelayMs = 200;
const maxCallDelayMs = 2_000;

/** Waits for `ms` milliseconds. */
export const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Returns the delay before the next attempt, in milliseconds. The delay doubles with each attempt, from `firstMs` up to
 * `maxMs`. Half of it is random, so that clients that failed together do not retry together.
 *
 * @param attempt 0 after the first failure
 * @param random a number from 0 (inclusive) to 1
 */
export function backoffMs(attempt: number, firstMs: number, maxMs: number, random: number = Math.random()): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30));
  return full / 2 + (full / 2) * random;
}

/**
 * Decides whether a request may be sent again with the same idempotency key, and when.
 *
 * @param error the error of the failed attempt
 * @param attempt 0 after the first failure
 * @returns the delay in milliseconds, or null if the error is final
 */
export function retryDelayMs(error: UsherError, attempt: number, random: number = Math.random()): number | null {
  if (error.body?.code === 'BUSY' || error.body?.code === 'RATE_LIMITED') {
    // The client waits at least as long as the server asked, and up to 50% longer.
    return Math.max(minRetryDelayMs, error.body.retryAfterMs) * (1 + random / 2);
  }
  if (error.code === 'NETWORK' || error.code === 'TIMEOUT') return minRetryDelayMs;
  if (error.code === 'UNAUTHENTICATED') {
    return backoffMs(attempt, firstUnauthenticatedDelayMs, maxUnauthenticatedDelayMs, random);
  }
  return null;
}

/**
 * Calls a function repeatedly until it succeeds, fails with a final error, or runs out of time. Use this only for
 * requests that the server may safely receive twice.
 *
 * @param call receives the number of earlier calls
 * @param timeoutMs no new call starts after this time
 * @throws UsherError the server's refusal, or the error of the last call
 */
export async function callWithRetries<T>(call: (attempt: number) => Promise<T>, timeoutMs: number): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (let attempt = 0; ; attempt++) {
    try {
      return await call(attempt);
    } catch (thrown) {
      const error = toUsherError(thrown);
      const delayMs = error.code === 'UNAUTHENTICATED' ? null : retryDelayMs(error, attempt);
      if (delayMs === null) throw error;
      // If no server answered, the client waits longer than on a working connection.
      const pauseMs = error.body ? delayMs : backoffMs(attempt, firstCallDelayMs, maxCallDelayMs);
      if (performance.now() + pauseMs >= deadline) throw error;
      await delay(pauseMs);
    }
  }
}
