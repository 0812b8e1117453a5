import type { Pool, PoolClient } from 'pg';

/** The timeouts limit how long a node can keep its locks if it freezes or loses its network unnoticed. */
const begin = "begin; set local statement_timeout = '10s'; set local idle_in_transaction_session_timeout = '10s'";

/** Runs `work` in one transaction. If `work` throws, the transaction is rolled back. */
export async function runInTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    // A connection that cannot roll back is closed, which ends its transaction.
    await client.query('rollback').then(
      () => client.release(),
      (rollbackError: Error) => client.release(rollbackError),
    );
    throw error;
  }
}
