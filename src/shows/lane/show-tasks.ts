import { setTimeout as delay } from 'node:timers/promises';
import pLimit, { type LimitFunction } from 'p-limit';
import { isBusy } from '../../common/domain-error.js';

/**
 * Runs background tasks for shows: for a few shows at once, and at most one task per show. Callers do not wait for the
 * tasks, so a busy show does not delay other shows.
 */
export class ShowTasks {
  private readonly limit: LimitFunction;
  private readonly running = new Map<number, Promise<void>>();

  /**
   * @param concurrency less than half of the database connections, so that buyers do not wait for a connection
   * @param retryMs pause after a failure, during which the show accepts no new task
   * @param onError receives the errors of tasks, except for errors that say that a show is busy
   */
  constructor(
    concurrency: number,
    private readonly retryMs: number,
    private readonly onError: (showId: number, error: unknown) => void,
  ) {
    this.limit = pLimit(concurrency);
  }

  /** Starts a task. @returns true if this call started it, false if an earlier task of the show is still running */
  start(showId: number, task: () => Promise<unknown>): boolean {
    if (this.running.has(showId)) return false;
    this.running.set(showId, this.run(showId, task));
    return true;
  }

  /** Waits for all running tasks. */
  async finish(): Promise<void> {
    await Promise.all(this.running.values());
  }

  private async run(showId: number, task: () => Promise<unknown>): Promise<void> {
    try {
      await this.limit(task);
    } catch (error) {
      if (!isBusy(error)) this.onError(showId, error);
      await delay(this.retryMs, undefined, { ref: false });
    } finally {
      this.running.delete(showId);
    }
  }
}
