import type { ClientBase } from 'pg';
import type { ShowChange } from './change-of-show.js';

/** Maximum number of changes that one query reads. */
const pageSize = 500;

/**
 * Stores the changes to existing shows in a temporary table until everything else is committed. Then the lane of each
 * show makes its change in its own transaction, so that no buyer waits for the import.
 */
export class PendingChanges {
  private last = 0;

  private constructor(private readonly client: ClientBase) {}

  /** Creates the table in the import's transaction. A rollback removes it. */
  static async begin(client: ClientBase): Promise<PendingChanges> {
    await client.query(
      `create temporary table import_change (n int generated always as identity primary key, show_id int not null,
         file text not null, line int not null, patch jsonb not null)`,
    );
    return new PendingChanges(client);
  }

  async add(changes: readonly ShowChange[]): Promise<void> {
    if (changes.length === 0) return;
    await this.client.query(
      `insert into import_change (show_id, file, line, patch) select * from jsonb_to_recordset($1)
         as c("showId" int, file text, line int, patch jsonb)`,
      [JSON.stringify(changes)],
    );
  }

  async count(): Promise<number> {
    const { rows } = await this.client.query<{ count: number }>('select count(*)::int as count from import_change');
    return rows[0]?.count ?? 0;
  }

  /** Returns the next changes, or an empty list at the end. */
  async next(): Promise<ShowChange[]> {
    const { rows } = await this.client.query<ShowChange & { n: number }>(
      `select n, show_id as "showId", file, line, patch from import_change where n > $1 order by n limit ${pageSize}`,
      [this.last],
    );
    this.last = rows.at(-1)?.n ?? this.last;
    return rows;
  }
}
