import { toUsherError, type UsherError } from './errors.js';

const QUICK_MS = 50;
const CALL_PAUSE_FIRST_MS = 200;
const CALL_PAUSE_MAX_MS = 2_000;

/** Waits. */
export const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * How long to wait before the next of several attempts: doubles from `firstMs` up to `maxMs`, and half of it is chance,
 * so that clients which failed together do not come back together.
 *
 * @param attempt 0 for the first failure
 * @param random 0 (inclusive) to 1
 */
export function backOff(attempt: number, firstMs: number, maxMs: number, random: number = Math.random()): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30));
  return full / 2 + (full / 2) * random;
}

/**
 * Whether, and after how long, a request may be sent again with the same key.
 *
 * @param error how the attempt failed
 * @param attempt 0 for the first failure
 * @returns milliseconds; null when the answer is final
 */
export function retryDelay(error: UsherError, attempt: number, random: number = Math.random()): number | null {
  if (error.body?.code === 'BUSY' || error.body?.code === 'RATE_LIMITED') {
    // At least what was asked for, and up to half as much again.
    return Math.max(QUICK_MS, error.body.retryAfterMs) * (1 + random / 2);
  }
  if (error.code === 'NETWORK' || error.code === 'TIMEOUT') return QUICK_MS;
  if (error.code === 'UNAUTHENTICATED') return backOff(attempt, 200, 5_000, random);
  return null;
}

/**
 * Calls again and again until there is an answer. Only for what may be called twice.
 *
 * @param call is given how many calls went before
 * @param timeoutMs after which no other call is begun
 * @throws UsherError the server's refusal, or how the last call failed
 */
export async function callAgain<T>(call: (before: number) => Promise<T>, timeoutMs: number): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (let attempt = 0; ; attempt++) {
    try {
      return await call(attempt);
    } catch (thrown) {
      const error = toUsherError(thrown);
      const wait = error.code === 'UNAUTHENTICATED' ? null : retryDelay(error, attempt);
      if (wait === null) throw error;
      // A network that is away is not asked for as often as a connection that is there.
      const pause = error.body ? wait : backOff(attempt, CALL_PAUSE_FIRST_MS, CALL_PAUSE_MAX_MS);
      if (performance.now() + pause >= deadline) throw error;
      await delay(pause);
    }
  }
}
