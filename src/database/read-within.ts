import pg, { type Pool, type QueryConfig, type QueryResultRow } from 'pg';
import { DomainError } from '../common/domain-error.js';

/**
 * Maximum time for an expensive read of the catalog or of a line, in ms. A quiet machine needs at most 20 ms.
 */
export const expensiveReadMsMax = 3000;

/** PostgreSQL's error code of a statement that it has cancelled. */
const cancelled = '57014';

/** Time after which a caller may try again. */
const retryAfterMs = 2000;

/**
 * Runs one expensive statement that only reads. PostgreSQL cancels it after the timeout, also if the caller has given up.
 * The statement gets no parallel workers, because those would take CPU time from reservations.
 *
 * @throws DomainError `BUSY` if PostgreSQL cancelled the statement
 */
export async function readWithin<Row extends QueryResultRow>(
  pool: Pool,
  timeoutMs: number,
  statement: QueryConfig,
): Promise<Row[]> {
  const client = await pool.connect();
  try {
    await client.query(
      `begin read only; set local statement_timeout = ${timeoutMs}; set local max_parallel_workers_per_gather = 0`,
    );
    const { rows } = await client.query<Row>(statement);
    await client.query('commit');
    client.release();
    return rows;
  } catch (error) {
    // A connection that cannot roll back is closed, which ends its transaction.
    await client.query('rollback').then(
      () => client.release(),
      (rollbackError: Error) => client.release(rollbackError),
    );
    if (error instanceof pg.DatabaseError && error.code === cancelled) {
      throw new DomainError('BUSY', 'The database needs too long for this call. Nothing was done, so try again.', {
        retryAfterMs,
      });
    }
    throw error;
  }
}
