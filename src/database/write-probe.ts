import type { Pool } from 'pg';

/**
 * Time for which a result is reused. It is shorter for a failure, so that a node is soon ready again once the cause is
 * gone.
 */
const successLifeMs = 5000;
const failureLifeMs = 1000;

const answerTimeoutMs = 2000;

/**
 * This statement fails if the database does not accept writes: on a full disk, on a standby, or if transactions are
 * read-only.
 *
 * The row is large enough to need new pages, because PostgreSQL can still fill existing pages on a full disk. The row
 * is deleted immediately, so that vacuum can free the pages. Both statements form one transaction. It succeeds only if
 * PostgreSQL can write to the disk.
 */
const probe = `insert into write_probe (filler)
    select string_agg(md5(random()::text), '') from generate_series(1, 500);
  delete from write_probe`;

/** Checks whether the database accepts writes. It writes a row and remembers the result for a short time. */
export class WriteProbe {
  private running: Promise<boolean> | null = null;
  private last: { isWritable: boolean; at: number } | null = null;

  constructor(private readonly pool: Pool) {}

  /** Returns true if a recent write succeeded. Concurrent callers share one write. Never rejects. */
  async isWritable(): Promise<boolean> {
    const { last } = this;
    const lifeMs = last?.isWritable ? successLifeMs : failureLifeMs;
    if (last && performance.now() - last.at < lifeMs) return last.isWritable;
    this.running ??= this.write().finally(() => (this.running = null));
    return this.running;
  }

  private async write(): Promise<boolean> {
    const statement = { text: probe, query_timeout: answerTimeoutMs };
    const isWritable = await this.pool.query(statement).then(
      () => true,
      () => false,
    );
    this.last = { isWritable, at: performance.now() };
    return isWritable;
  }
}
