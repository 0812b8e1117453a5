/** Runs a task repeatedly. The owner schedules each run. */
export class RepeatingTask {
  private timer: ReturnType<typeof setTimeout> | null = null;
  private isStopped = false;

  constructor(private readonly run: () => Promise<void>) {}

  /** Schedules the next run. Replaces a run that is already scheduled. */
  schedule(delayMs: number): void {
    if (this.isStopped) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.run(), delayMs);
  }

  /** Cancels the scheduled run and all later ones. */
  stop(): void {
    this.isStopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }
}
