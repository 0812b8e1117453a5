import { setTimeout as delay } from 'node:timers/promises';
import pLimit, { type LimitFunction } from 'p-limit';
import { isBusy } from '../../common/domain-error.js';

/**
 * Sees to shows, a few at once and each by one call at a time. Nobody waits for it, so a show that is busy holds up no
 * other; one that could not be seen to is left alone for a moment.
 */
export class ShowTending {
  private readonly limit: LimitFunction;
  private readonly tended = new Map<number, Promise<void>>();

  /**
   * @param showsAtOnce less than half the connections, so that buyers are not kept waiting
   * @param retryMs how long a show is left alone after it could not be seen to
   * @param failed told of what went wrong, but for shows that were only busy
   */
  constructor(
    showsAtOnce: number,
    private readonly retryMs: number,
    private readonly failed: (showId: number, error: unknown) => void,
  ) {
    this.limit = pLimit(showsAtOnce);
  }

  /** Sees to a show. @returns whether it does: not if it still does since an earlier call */
  begin(showId: number, see: () => Promise<unknown>): boolean {
    if (this.tended.has(showId)) return false;
    this.tended.set(showId, this.tend(showId, see));
    return true;
  }

  /** Until all that was begun is done. */
  async ended(): Promise<void> {
    await Promise.all(this.tended.values());
  }

  private async tend(showId: number, see: () => Promise<unknown>): Promise<void> {
    try {
      await this.limit(see);
    } catch (error) {
      if (!isBusy(error)) this.failed(showId, error);
      await delay(this.retryMs, undefined, { ref: false });
    } finally {
      this.tended.delete(showId);
    }
  }
}
