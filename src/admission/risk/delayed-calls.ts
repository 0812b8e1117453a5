import { setTimeout as delay } from 'node:timers/promises';

/** Maximum number of calls of one source, and of all sources, that a node delays at once. */
const perSourceMax = 8;
const perNodeMax = 500;

/** Delays calls, but only a bounded number at once, because every delayed call takes memory. */
export class DelayedCalls {
  private readonly bySource = new Map<string, number>();
  private count = 0;

  /** Returns false at once if too many calls are delayed already, otherwise true after the delay. */
  async wait(source: string, ms: number): Promise<boolean> {
    const ofSource = this.bySource.get(source) ?? 0;
    if (ofSource >= perSourceMax || this.count >= perNodeMax) return false;
    this.bySource.set(source, ofSource + 1);
    this.count++;
    try {
      await delay(ms);
      return true;
    } finally {
      this.count--;
      const left = (this.bySource.get(source) ?? 1) - 1;
      if (left === 0) this.bySource.delete(source);
      else this.bySource.set(source, left);
    }
  }
}
