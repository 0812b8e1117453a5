import type { Pool } from 'pg';
import { WriteProbe } from './write-probe.js';

/** Time limit of each check. Load balancers would not wait longer for the answer. */
const checkTimeoutMs = 2000;

/** Checks whether the database answers queries and accepts writes. */
export class DatabaseChecks {
  private readonly writeProbe: WriteProbe;

  constructor(private readonly pool: Pool) {
    this.writeProbe = new WriteProbe(pool);
  }

  /**
   * Returns `database` if the database does not answer queries within two seconds. Returns `database writes` if it
   * answers queries but does not accept writes. Returns an empty list if nothing is missing. Runs both checks at the
   * same time and never throws.
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

/**
 * Returns true if a promise resolves to true within the time limit. Returns false in every other case, for example if
 * the promise rejects.
 */
function isTrueInTime(answer: Promise<boolean>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), checkTimeoutMs);
  answer.then(resolve, () => resolve(false));
  return promise.finally(() => clearTimeout(timer));
}
