import type { Pool, PoolClient } from 'pg';

/** Bounded, so that a node which freezes, or is cut off without a sound, keeps what it has locked for a moment only. */
const begin = "begin; set local statement_timeout = '10s'; set local idle_in_transaction_session_timeout = '10s'";

/** Does something in one transaction: all of it, or, when it throws, nothing. */
export async function runInTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query(begin);
    const done = await work(client);
    await client.query('commit');
    client.release();
    return done;
  } catch (error) {
    // A connection that cannot even roll back is not used again; with it goes the transaction.
    await client.query('rollback').then(
      () => client.release(),
      (broken: Error) => client.release(broken),
    );
    throw error;
  }
}
