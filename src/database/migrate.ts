import { setTimeout as delay } from 'node:timers/promises';
import { MikroORM } from '@mikro-orm/postgresql';
import type { Pool, PoolClient } from 'pg';

/** The number of the advisory lock, which is ASCII for "ushe". No other code locks this number. */
const migrationLock = 0x75736865;

/** Time that a node waits before it tries once more to get the lock. */
const lockRetryMs = 200;

/**
 * Migrates the schema to the current version. If several nodes start at once, one of them migrates. The other nodes
 * wait and then find nothing to do.
 *
 * @returns the names of the migrations that ran
 */
export async function migrate(orm: MikroORM, pool: Pool): Promise<string[]> {
  const client = await pool.connect();
  try {
    await acquireLock(client);
    const ran = await orm.migrator.up();
    await client.query('commit');
    client.release();
    return ran.map(({ name }) => name);
  } catch (error) {
    client.release(true); // Closing the connection releases the lock.
    throw error;
  }
}

/**
 * Acquires the migration lock. The lock belongs to a transaction. Behind a pooler, a lock that belongs to a connection
 * would pass to the next client of that connection. The node polls for the lock instead of waiting in PostgreSQL.
 * Otherwise each waiting node would occupy a connection of the pooler that the migrating node may need.
 */
async function acquireLock(client: PoolClient): Promise<void> {
  for (;;) {
    await client.query('begin; set local idle_in_transaction_session_timeout = 0');
    const { rows } = await client.query<{ isMine: boolean }>('select pg_try_advisory_xact_lock($1) as "isMine"', [
      migrationLock,
    ]);
    if (rows[0]?.isMine) return;
    await client.query('rollback');
    await delay(lockRetryMs);
  }
}
