/** Runs a task repeatedly until the poller is stopped. Two runs never overlap. */
export class Poller {
  private timer: NodeJS.Timeout | null = null;
  private currentRun: Promise<void> | null = null;
  private isStopped = false;
  private hasFailed = false;
  private mustRunAgain = false;

  /**
   * @param task resolves with the delay in ms until its next run
   * @param onFailure called when the task fails, but only for the first of several failures in a row
   * @param retryMs delay until the next run after a failure
   */
  constructor(
    private readonly task: () => Promise<number>,
    private readonly onFailure: (error: unknown) => void,
    private readonly retryMs: number,
  ) {}

  /** Creates a poller that runs a task at a fixed interval, whether the task succeeds or fails. */
  static every(intervalMs: number, task: () => Promise<void>, onFailure: (error: unknown) => void): Poller {
    const timedTask = async () => {
      await task();
      return intervalMs;
    };
    return new Poller(timedTask, onFailure, intervalMs);
  }

  start(): void {
    this.schedule(0);
  }

  /** Runs the task now. If the task is already running, it runs once more as soon as it has ended. */
  wake(): void {
    this.mustRunAgain = true;
    // If there is no timer, the task is running or the poller was not started.
    if (!this.timer) return;
    clearTimeout(this.timer);
    this.schedule(0);
  }

  /** Stops the poller and waits for the current run. */
  async stop(): Promise<void> {
    this.isStopped = true;
    if (this.timer) clearTimeout(this.timer);
    await this.currentRun;
  }

  private schedule(delayMs: number): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.currentRun = this.runOnce();
    }, delayMs);
  }

  private async runOnce(): Promise<void> {
    let delayMs = this.retryMs;
    this.mustRunAgain = false;
    try {
      delayMs = await this.task();
      this.hasFailed = false;
    } catch (error) {
      if (!this.hasFailed) this.onFailure(error);
      this.hasFailed = true;
    }
    this.schedule(this.mustRunAgain ? 0 : delayMs);
  }
}
