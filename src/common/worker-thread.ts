import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DomainError } from './domain-error.js';
import { FairCalls } from './fair-calls.js';

/** Maximum time for one task, including the start of the thread. */
const taskMsMax = 20_000;

/** Maximum number of waiting tasks. Together, these tasks take a few seconds. */
const waitingTasksMax = 50;

/** Maximum number of unfinished tasks of one owner. Without it, one caller could fill the queue and block all others. */
const tasksPerOwnerMax = 5;

/** Time after which a refused caller may try again. */
const retryAfterMs = 2000;

/**
 * A module hook for tests, because tests run the sources. It resolves an import of a built file (`.js`) to its source
 * file (`.ts`).
 */
const resolveToSources = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({
    resolve: (name, context, next) =>
      next(name.startsWith('.') && context.parentURL?.endsWith('.ts') ? name.replace(/\\.js$/, '.ts') : name, context),
  });
`)}`;

/**
 * Lowers the priority of the thread on Linux, where each thread has its own. Otherwise, ten buyers who ask for PDF files
 * take half of the CPU time of a machine with 2 cores from reservations. On other systems, this would slow down the whole
 * process.
 */
const lowerPriority = `data:text/javascript,${encodeURIComponent(`
  import { setPriority } from 'node:os';
  if (process.platform === 'linux') setPriority(10);
`)}`;

/** The owner of the tasks that have no limit of their own. */
const service = '';

/**
 * Runs computations on a separate thread, one task after another. Drawing and signing a document takes tens of
 * milliseconds. On the main thread, this would delay reservations. The owners of waiting tasks take turns.
 */
export class WorkerThread<Task, Result> {
  private worker: Worker | null = null;
  private readonly oneAtATime: FairCalls;
  /** Number of unfinished tasks by owner. Owners without unfinished tasks have no entry. */
  private readonly tasksByOwner = new Map<string, number>();

  /**
   * @param module name of the thread's module without its extension. The module answers each message with a result. Tests
   *   run the module from `src`, where Node only strips the types. So the module and its imports must not use syntax
   *   that needs a compiler.
   * @param siblingUrl URL of a file in the same folder as the module
   * @param subject the tasks in the text of a refusal, such as `documents`
   */
  constructor(
    private readonly module: string,
    private readonly siblingUrl: string,
    private readonly subject: string,
  ) {
    this.oneAtATime = new FairCalls({
      runningMax: 1,
      waitingMax: waitingTasksMax,
      // `tasksPerOwnerMax` limits the owners.
      waitingPerOwnerMax: waitingTasksMax + 1,
      subject,
      retryAfterMs,
    });
  }

  /**
   * Runs a task and returns its result.
   *
   * @param owner the caller for whom the task runs, for example a buyer. Null for staff and for the service itself, which
   *   have no limit of their own
   * @throws DomainError `RATE_LIMITED` if too many tasks of the owner are unfinished, `BUSY` if too many tasks of all
   *   owners are waiting
   * @throws the error of the task if it fails
   */
  async run(task: Task, owner: string | null): Promise<Result> {
    if (owner === null) return this.runInTurn(task, service);
    const unfinished = this.tasksByOwner.get(owner) ?? 0;
    if (unfinished >= tasksPerOwnerMax) {
      const detail = `You are waiting for ${tasksPerOwnerMax} ${this.subject} already. Try again when one of them is finished.`;
      throw new DomainError('RATE_LIMITED', detail, { retryAfterMs });
    }
    this.tasksByOwner.set(owner, unfinished + 1);
    try {
      return await this.runInTurn(task, owner);
    } finally {
      const left = (this.tasksByOwner.get(owner) ?? 0) - 1;
      if (left > 0) this.tasksByOwner.set(owner, left);
      else this.tasksByOwner.delete(owner);
    }
  }

  private runInTurn(task: Task, owner: string): Promise<Result> {
    return this.oneAtATime.run(owner, () => this.runTask(task));
  }

  private async runTask(task: Task): Promise<Result> {
    this.worker ??= this.start();
    this.worker.postMessage(task, []);
    try {
      const signal = AbortSignal.timeout(taskMsMax);
      const [result]: Result[] = await once(this.worker, 'message', { signal });
      return result!;
    } catch (error) {
      // Either the thread has ended with this error, or it hangs. The next task starts another thread.
      const { worker } = this;
      this.worker = null;
      await worker?.terminate();
      throw error;
    }
  }

  private start(): Worker {
    const extension = extname(this.siblingUrl);
    const imports = extension === '.ts' ? [lowerPriority, resolveToSources] : [lowerPriority];
    // The conditions decide whether packages of the workspace run from their sources.
    const conditions = process.execArgv.filter((argument) => argument.startsWith('--conditions='));
    const execArgv = [...conditions, ...imports.flatMap((url) => ['--import', url])];
    const worker = new Worker(new URL(`${this.module}${extension}`, this.siblingUrl), { execArgv });
    // The thread must not keep the process alive when the process has nothing else to do.
    worker.unref();
    return worker;
  }
}
