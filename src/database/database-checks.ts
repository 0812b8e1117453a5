import type { Pool } from 'pg';
import { WriteProbe } from './write-probe.js';

/** Time limit of each check. Load balancers would give up after a longer time. */
const checkTimeoutMs = 2000;

/** Checks whether the database answers queries and accepts writes. */
export class DatabaseChecks {
  private readonly writeProbe: WriteProbe;

  constructor(private readonly pool: Pool) {
    this.writeProbe = new WriteProbe(pool);
  }

  /**
   * Returns what the database fails to do: `database` if it does not answer queries within two seconds, `database writes`
   * if it only accepts no writes. Runs both checks at once and never throws.
   */
  async listMissing(): Promise<('database' | 'database writes')[]> {
    const [answers, acceptsWrites] = await Promise.all([
      isTrueInTime(this.pool.query('select 1').then(() => true)),
      isTrueInTime(this.writeProbe.isWritable()),
    ]);
    if (!answers) return ['database'];
    return acceptsWrites ? [] : ['database writes'];
  }
}

/** Returns true if a promise becomes true within the time limit. Returns false otherwise, also if the promise rejects. */
function isTrueInTime(answer: Promise<boolean>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), checkTimeoutMs);
  answer.then(resolve, () => resolve(false));
  return promise.finally(() => clearTimeout(timer));
}
