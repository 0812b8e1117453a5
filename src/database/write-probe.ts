import type { Pool } from 'pg';

/** How long an answer counts. A failure counts for less, so that a node is ready again soon after the cause is gone. */
const successLifeMs = 5000;
const failureLifeMs = 1000;

const answerMsMax = 2000;

/**
 * Whether the database takes writes: not on a full disk, on a standby, or where transactions are read-only.
 *
 * The row needs new pages, because a full disk still takes what fits into pages that are there. It is deleted at once, so
 * that vacuum gives the pages back. Both statements are one transaction, which has to reach the disk.
 */
const probe = `insert into write_probe (filler)
    select string_agg(md5(random()::text), '') from generate_series(1, 500);
  delete from write_probe`;

/** Writes to the database now and then, and remembers whether that succeeded. */
export class WriteProbe {
  private running: Promise<boolean> | null = null;
  private last: { isGood: boolean; at: number } | null = null;

  constructor(private readonly pool: Pool) {}

  /** Whether a write succeeded a moment ago. Callers at the same time share one write. Never rejects. */
  async succeeds(): Promise<boolean> {
    const { last } = this;
    const lifeMs = last?.isGood ? successLifeMs : failureLifeMs;
    if (last && performance.now() - last.at < lifeMs) return last.isGood;
    this.running ??= this.write().finally(() => (this.running = null));
    return this.running;
  }

  private async write(): Promise<boolean> {
    const statement = { text: probe, query_timeout: answerMsMax };
    const isGood = await this.pool.query(statement).then(
      () => true,
      () => false,
    );
    this.last = { isGood, at: performance.now() };
    return isGood;
  }
}
