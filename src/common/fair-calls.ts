import { DomainError } from './domain-error.js';

/** Options of {@link FairCalls}. */
export interface FairBounds {
  /** Maximum number of calls that run at once on a node. */
  readonly runningMax: number;
  /** Maximum number of calls that wait on a node. */
  readonly waitingMax: number;
  /** Maximum number of calls of one owner that wait on a node. */
  readonly waitingPerOwnerMax: number;
  /** The calls in the text of a refusal, such as `searches and listings`. */
  readonly subject: string;
  /** Time after which a refused caller may try again. */
  readonly retryAfterMs: number;
}

/**
 * Runs expensive calls, only a few of them at once. The owners of waiting calls take turns, so an owner with many calls
 * does not delay the calls of the others.
 */
export class FairCalls {
  private running = 0;
  private waiting = 0;
  /** The waiting calls by owner. The owner whose turn is next comes first. Owners without waiting calls have no entry. */
  private readonly queues = new Map<string, (() => void)[]>();

  constructor(private readonly bounds: FairBounds) {}

  /**
   * Runs a call when its turn has come.
   *
   * @throws DomainError `RATE_LIMITED` if too many calls of the owner are waiting, `BUSY` if too many calls of all owners
   *   are waiting
   */
  async run<T>(owner: string, call: () => Promise<T>): Promise<T> {
    await this.turn(owner);
    try {
      return await call();
    } finally {
      this.running--;
      this.startNext();
    }
  }

  private turn(owner: string): Promise<void> {
    const { runningMax, waitingMax, waitingPerOwnerMax, subject, retryAfterMs } = this.bounds;
    if (this.running < runningMax) {
      this.running++;
      return Promise.resolve();
    }
    const queue = this.queues.get(owner) ?? [];
    if (queue.length >= waitingPerOwnerMax) {
      throw new DomainError('RATE_LIMITED', `Too many ${subject} of your address are waiting. Try again.`, {
        retryAfterMs,
      });
    }
    if (this.waiting >= waitingMax) {
      throw new DomainError('BUSY', `Too many ${subject} are waiting on this node. Nothing was done, so try again.`, {
        retryAfterMs,
      });
    }
    this.queues.set(owner, queue);
    this.waiting++;
    return new Promise((resolve) => queue.push(resolve));
  }

  private startNext(): void {
    const [next] = this.queues;
    if (!next) return;
    const [owner, queue] = next;
    const start = queue.shift();
    // The owner goes to the end, so that every other owner has a turn before its next call.
    this.queues.delete(owner);
    if (queue.length > 0) this.queues.set(owner, queue);
    this.waiting--;
    this.running++;
    start?.();
  }
}
