import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { PG_POOL } from './pg-pool.js';

/** Secrets that are made once for a database and are the same on all its nodes. */
@Injectable()
export class DatabaseSecrets {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /**
   * The secret of a name, made and kept at its first use.
   *
   * @param make called when none is kept; where nodes race, one made value is kept and all get that one
   */
  async get(name: string, make: () => string | Promise<string>): Promise<string> {
    const kept = await this.kept(name);
    if (kept !== null) return kept;
    await this.pool.query('insert into kept_secret (name, value) values ($1, $2) on conflict (name) do nothing', [
      name,
      await make(),
    ]);
    // A statement of its own: the one above does not see a row that another node committed while it ran.
    const won = await this.kept(name);
    if (won === null) throw new Error(`the secret ${name} was kept and is gone`);
    return won;
  }

  private async kept(name: string): Promise<string | null> {
    const { rows } = await this.pool.query<{ value: string }>('select value from kept_secret where name = $1', [name]);
    return rows[0]?.value ?? null;
  }
}
