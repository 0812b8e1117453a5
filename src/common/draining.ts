import { Poller } from './poller.js';

/** What a {@link Draining} works through, and how. */
export interface DrainingOptions<Row> {
  /** Claims at most so many rows that are due: no other node gets them until the claim ends. */
  readonly claim: (limit: number) => Promise<readonly Row[]>;
  /** Does what a row asks for and says in the table what became of it. @param cut ends what waits for others */
  readonly work: (row: Row, cut: AbortSignal) => Promise<void>;
  /** Work on a row failed: its claim ends by itself, and it is tried again. */
  readonly failed: (error: unknown, row: Row) => void;
  /** Rows could not be looked for; told once of a row of failures. */
  readonly blind: (error: unknown) => void;
  /** Rows that a node works on at once. One that is slow keeps one place busy, not the others. */
  readonly atOnce: number;
  /** Longest pause between two looks. */
  readonly lookMsMax: number;
}

/** Pause while there is work, or no room for more. */
const lookMsMin = 20;

/** What a node that stops gives to the work that is under way. */
const closeMsMax = 2000;

/**
 * Works through an outbox or an inbox. Every node runs it and there is no leader: a row is claimed by one node, and by
 * another only if that one died or gave up. So everything is done at least once, and what is done twice must be harmless.
 */
export class Draining<Row> {
  private readonly working = new Set<Promise<void>>();
  private readonly closing = new AbortController();
  private readonly looks: Poller;

  constructor(private readonly options: DrainingOptions<Row>) {
    this.looks = new Poller(() => this.look(), options.blind, options.lookMsMax);
  }

  start(): void {
    this.looks.start();
  }

  /** There is something to do: look at once. */
  wake(): void {
    this.looks.wake();
  }

  /** Takes nothing more; waits for what is under way, and cuts it short where that takes long. */
  async stop(): Promise<void> {
    await this.looks.stop();
    const cut = setTimeout(() => this.closing.abort(), closeMsMax);
    await Promise.all(this.working);
    clearTimeout(cut);
  }

  /** Begins with what is due. @returns after how many ms the next look is worth it */
  private async look(): Promise<number> {
    const { atOnce, claim, work, failed, lookMsMax } = this.options;
    const room = atOnce - this.working.size;
    if (room === 0) return lookMsMin;
    const rows = await claim(room);
    for (const row of rows) {
      const done = work(row, this.closing.signal)
        .catch((error: unknown) => failed(error, row))
        .finally(() => this.working.delete(done));
      this.working.add(done);
    }
    return rows.length > 0 ? lookMsMin : lookMsMax;
  }
}

/** 1, 3, 9, 27 … s up to `msMax`, and up to as much again: those that failed together do not come back together. */
export const backoffMs = (attempts: number, msMax = Infinity): number =>
  Math.min(msMax, 1000 * 3 ** (attempts - 1)) * (1 + Math.random());
