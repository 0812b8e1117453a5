/** Runs a task again and again, never twice at once, until stopped. */
export class Repeating {
  private timer: NodeJS.Timeout | null = null;
  private run: Promise<void> | null = null;
  private stopped = false;
  private failing = false;
  private isWanted = false;

  /**
   * @param task answers after how many ms it wants to run again
   * @param failed told of the first failure of a row; the task runs again `retryMs` later
   */
  constructor(
    private readonly task: () => Promise<number>,
    private readonly failed: (error: unknown) => void,
    private readonly retryMs: number,
  ) {}

  start(): void {
    this.schedule(0);
  }

  /** Runs at once; where it is running, once more right after. */
  wake(): void {
    this.isWanted = true;
    // No timer: it is running, or was not started.
    if (!this.timer) return;
    clearTimeout(this.timer);
    this.schedule(0);
  }

  /** Stops; waits for a run that is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    await this.run;
  }

  private schedule(delayMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.run = this.runOnce();
    }, delayMs);
  }

  private async runOnce(): Promise<void> {
    let delayMs = this.retryMs;
    this.isWanted = false;
    try {
      delayMs = await this.task();
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.failed(error);
      this.failing = true;
    }
    this.schedule(this.isWanted ? 0 : delayMs);
  }
}
