import type { Pool, PoolClient } from 'pg';
import { isSessionSql, pseudonymSql } from './pseudonym.js';

/** Number of rows that one statement changes. It takes about 50 ms. */
const rowsPerStatement = 2000;

/** A table with the columns `show_id` and `session_id`. */
export interface SessionTable {
  readonly name: string;
  /**
   * Columns with idempotency keys and hashes of bodies. They lose their values, also in rows that already have a
   * pseudonym, because a client may put anything into its keys.
   */
  readonly keyColumns?: readonly string[];
  /** Further SQL assignments, for example of columns that lose their values. */
  readonly assignments?: readonly string[];
  /** SQL condition for the rows to change. By default, all rows of the show are changed. */
  readonly condition?: string;
}

/** Replaces the sessions of a show by pseudonyms in one table. Each statement changes a limited number of rows. */
export async function replaceSessions(
  db: Pool | PoolClient,
  showId: number,
  salt: string,
  { name, keyColumns = [], assignments = [], condition = 'true' }: SessionTable,
): Promise<void> {
  const changes = [
    `session_id = case when ${isSessionSql} then ${pseudonymSql('$2')} else session_id end`,
    ...keyColumns.map((column) => `${column} = null`),
    ...assignments,
  ];
  const isIncomplete = [isSessionSql, ...keyColumns.map((column) => `${column} is not null`)].join(' or ');
  const text = `update ${name} set ${changes.join(', ')} where show_id = $1 and ctid = any (array(
    select ctid from ${name} where show_id = $1 and (${isIncomplete}) and ${condition} limit $3))`;
  for (;;) {
    const { rowCount } = await db.query(text, [showId, salt, rowsPerStatement]);
    if ((rowCount ?? 0) < rowsPerStatement) return;
  }
}
