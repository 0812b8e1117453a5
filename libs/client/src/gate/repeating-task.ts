/** Does one thing again and again; when next is said after each time. */
export class Repetition {
  private timer: ReturnType<typeof setTimeout> | null = null;
  private isStopped = false;

  constructor(private readonly act: () => Promise<void>) {}

  /** Once more in so many ms, instead of when it was said before. */
  next(delayMs: number): void {
    if (this.isStopped) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.act(), delayMs);
  }

  stop(): void {
    this.isStopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }
}
