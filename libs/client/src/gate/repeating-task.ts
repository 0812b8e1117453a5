/** Runs a task again and again. The owner schedules each next run. */
export class RepeatingTask {
  private timer: ReturnType<typeof setTimeout> | null = null;
  private isStopped = false;

  constructor(private readonly run: () => Promise<void>) {}

  /** Schedules the next run. It replaces a run that was scheduled before. */
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
