import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import pLimit from 'p-limit';
import { DomainError } from './domain-error.js';

/** Longest that one order may take, the start of the thread with it. */
const orderMsMax = 20_000;

/** Orders that may wait for their turn: a few seconds' worth. */
const waitingMax = 50;

/**
 * Does what is all arithmetic, as drawing and signing documents is, on a thread of its own, one order at a time: tens of
 * milliseconds for which nobody's seats are to wait.
 */
export class SideThread<Order> {
  private worker: Worker | null = null;
  private readonly oneByOne = pLimit(1);

  /**
   * @param module of the thread, beside the file `of`, without its ending; it answers each message with bytes, and loads
   *   packages only, as it is run from `src` without being built
   */
  constructor(
    private readonly module: string,
    private readonly of: string,
  ) {}

  /** @throws DomainError `BUSY` when too many wait; else whatever the thread threw */
  async run(order: Order): Promise<Buffer> {
    if (this.oneByOne.pendingCount >= waitingMax) {
      throw new DomainError('BUSY', 'Too many documents are being made: try again.', { retryAfterMs: 2000 });
    }
    return this.oneByOne(() => this.ask(order));
  }

  private async ask(order: Order): Promise<Buffer> {
    this.worker ??= this.start();
    this.worker.postMessage(order, []);
    try {
      const [made] = (await once(this.worker, 'message', { signal: AbortSignal.timeout(orderMsMax) })) as [Uint8Array];
      return Buffer.from(made);
    } catch (error) {
      // It ended with its error, or hangs: the next order gets another.
      const { worker } = this;
      this.worker = null;
      await worker?.terminate();
      throw error;
    }
  }

  private start(): Worker {
    const worker = new Worker(new URL(`${this.module}${extname(this.of)}`, this.of));
    // A process that has nothing else to do ends.
    worker.unref();
    return worker;
  }
}
