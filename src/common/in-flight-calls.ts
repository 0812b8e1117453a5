/** Counts the calls in flight, so that a node can wait for them before it exits. */
export class InFlightCalls {
  private count = 0;
  private waiters: (() => void)[] = [];

  /** Counts a new call. @returns a function that must be called exactly once, when the call has ended */
  begin(): () => void {
    this.count++;
    return () => {
      if (--this.count === 0) for (const resolve of this.waiters.splice(0)) resolve();
    };
  }

  /** Resolves as soon as no call is in flight. */
  async whenIdle(): Promise<void> {
    if (this.count === 0) return;
    await new Promise<void>((resolve) => this.waiters.push(resolve));
  }
}
