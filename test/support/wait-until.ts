import { setTimeout as delay } from 'node:timers/promises';

/** Maximum time that a test waits for a condition. */
const deadlineMs = 20_000;

/** Polls until a condition is true. Use this function only if no event announces the change. */
export async function waitUntil(isTrue: () => Promise<boolean>): Promise<void> {
  const late = AbortSignal.timeout(deadlineMs);
  while (!(await isTrue())) {
    late.throwIfAborted();
    await delay(50);
  }
}
