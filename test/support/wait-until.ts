import { setTimeout as delay } from 'node:timers/promises';

/** How long a test looks before it fails. */
const deadlineMs = 20_000;

/** Looks until something is so that nobody tells of, many times a second. */
export async function waitUntil(isSo: () => Promise<boolean>): Promise<void> {
  const late = AbortSignal.timeout(deadlineMs);
  while (!(await isSo())) {
    late.throwIfAborted();
    await delay(50);
  }
}
