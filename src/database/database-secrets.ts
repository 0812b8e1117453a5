import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { ColumnCipher } from './column-cipher.js';
import { databaseSecretColumn } from './database-secret.entity.js';
import { PG_POOL } from './pg-pool.js';

/** Stores encrypted secrets in the database, so that all nodes use the same secrets. */
@Injectable()
export class DatabaseSecrets {
  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly cipher: ColumnCipher,
  ) {}

  /**
   * Returns the secret with a name, and creates it at the first use.
   *
   * @param create creates the secret. If several nodes do this at once, one value is stored and all nodes get that
   *   value.
   */
  async get(name: string, create: () => string | Promise<string>): Promise<string> {
    const stored = await this.read(name);
    if (stored !== null) return stored;
    await this.pool.query('insert into kept_secret (name, value) values ($1, $2) on conflict (name) do nothing', [
      name,
      this.cipher.encrypt(databaseSecretColumn, name, await create()),
    ]);
    // This is a separate statement, because the insert does not see a row that another node committed while the insert
    // ran.
    const secret = await this.read(name);
    if (secret === null) throw new Error(`the secret ${name} is missing right after it was stored`);
    return secret;
  }

  /** Deletes the secrets whose names begin with `prefix` and come before `name` in the alphabet. */
  async deleteOlder(prefix: string, name: string): Promise<void> {
    await this.pool.query('delete from kept_secret where starts_with(name, $1) and name < $2', [prefix, name]);
  }

  private async read(name: string): Promise<string | null> {
    const { rows } = await this.pool.query<{ value: string }>('select value from kept_secret where name = $1', [name]);
    return rows[0] ? this.cipher.decrypt(databaseSecretColumn, name, rows[0].value) : null;
  }
}
