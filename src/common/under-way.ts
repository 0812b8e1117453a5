/** Counts what is being done, so that whoever ends it can wait until nothing is. */
export class UnderWay {
  private count = 0;
  private waiting: (() => void)[] = [];

  /** Something begins. @returns to be called once when it has ended */
  begin(): () => void {
    this.count++;
    return () => {
      if (--this.count === 0) for (const go of this.waiting.splice(0)) go();
    };
  }

  /** When nothing is under way: at once, or as soon as the last has ended. */
  async none(): Promise<void> {
    if (this.count === 0) return;
    await new Promise<void>((go) => this.waiting.push(go));
  }
}
