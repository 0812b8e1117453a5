import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import pLimit from 'p-limit';
import { DomainError } from './domain-error.js';

/** Longest that one order may take, the start of the thread with it. */
const orderMsMax = 20_000;

/** Orders that may wait for their turn: a few seconds' worth. */
const waitingMax = 50;

/** Sources import each other by the names that they have once they are built. */
const importsFromSource = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({
    resolve: (name, context, next) =>
      next(name.startsWith('.') && context.parentURL?.endsWith('.ts') ? name.replace(/\\.js$/, '.ts') : name, context),
  });
`)}`;

/**
 * Does what is all arithmetic, as drawing and signing documents is, on a thread of its own, one order at a time: tens of
 * milliseconds for which nobody's seats are to wait.
 */
export class WorkerThread<Order> {
  private worker: Worker | null = null;
  private readonly oneByOne = pLimit(1);

  /**
   * @param module of the thread, beside the file `of`, without its ending; it answers each message with bytes. Tests run
   *   it from `src`, where Node only strips its types: it and what it imports may use no syntax that needs compiling
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
    const ending = extname(this.of);
    const execArgv = ending === '.ts' ? ['--import', importsFromSource] : [];
    const worker = new Worker(new URL(`${this.module}${ending}`, this.of), { execArgv });
    // A process that has nothing else to do ends.
    worker.unref();
    return worker;
  }
}
