import { setTimeout as delay } from 'node:timers/promises';
import { MikroORM } from '@mikro-orm/postgresql';
import type { Pool, PoolClient } from 'pg';

/** Any number that nothing else in the database locks: ASCII "usher". */
const migrationLock = 0x75736865;

/** How long who does not get the lock waits before it asks again. */
const askAgainMs = 200;

/**
 * Brings the schema up to date. Many nodes may start at once: one migrates, the others wait and find nothing to do.
 *
 * @returns the migrations that ran
 */
export async function migrate(orm: MikroORM, pool: Pool): Promise<string[]> {
  const client = await pool.connect();
  try {
    await lock(client);
    const ran = await orm.migrator.up();
    await client.query('commit');
    client.release();
    return ran.map(({ name }) => name);
  } catch (error) {
    client.release(true); // the lock ends with the connection
    throw error;
  }
}

/**
 * The lock is a transaction's, as behind a pooler a connection's would stay with whoever is next. It is asked for, not
 * waited for: waiting, each node would keep a connection of the pooler from the one that migrates.
 */
async function lock(client: PoolClient): Promise<void> {
  for (;;) {
    await client.query('begin; set local idle_in_transaction_session_timeout = 0');
    const { rows } = await client.query<{ isMine: boolean }>('select pg_try_advisory_xact_lock($1) as "isMine"', [
      migrationLock,
    ]);
    if (rows[0]?.isMine) return;
    await client.query('rollback');
    await delay(askAgainMs);
  }
}
