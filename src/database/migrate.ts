import { MikroORM } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';

/** Any number that nothing else in the database locks: ASCII "usher". */
const migrationLock = 0x75736865;

/** Brings the schema up to date. Many nodes may start at once: one migrates, the others wait and find nothing to do. */
export async function migrate(orm: MikroORM, pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    await orm.migrator.up();
  } finally {
    // The lock is the session's: a connection that fails here must not go back to the pool still holding it.
    await client.query('select pg_advisory_unlock($1)', [migrationLock]).then(
      () => client.release(),
      (error: Error) => client.release(error),
    );
  }
}
