import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { PG_POOL } from '../../database/pg-pool.js';
import type { LogEntry } from '../core/log/log-entry.js';
import { fromLogRow, type LogRow } from '../core/log/stored-entry.js';
import { entryColumns } from './sql-fragments.js';
import { withTimeout } from './statement.js';

/** `$1` show, `$2` seq, `$3` maximum number of entries, null for all. */
const entriesAfter = {
  name: 'show-entries-after',
  text: `select ${entryColumns}, changes from show_log where show_id = $1 and seq > $2 order by seq limit $3`,
};

/**
 * `$1` show, `$2` version, `$3` maximum number of entries. `seq` is never below `version`, so the statement can use the
 * index of the primary key.
 */
const entriesAfterVersion = {
  name: 'show-entries-after-version',
  text: `select ${entryColumns}, changes
    from show_log where show_id = $1 and seq > $2 and version > $2 order by seq limit $3`,
};

/** Reads the logs of shows, without a lock. */
@Injectable()
export class ShowLogRepository {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /** Returns the entries after `seq`, oldest first. @param limit maximum number of entries; null for all */
  async entriesAfter(showId: number, seq: number, limit: number | null): Promise<LogEntry[]> {
    const statement = withTimeout({ ...entriesAfter, values: [showId, seq, limit] });
    return (await this.pool.query<LogRow>(statement)).rows.map(fromLogRow);
  }

  /** Returns up to `limit` entries after a version of the seats, oldest first. */
  async entriesAfterVersion(showId: number, version: number, limit: number): Promise<LogEntry[]> {
    const statement = withTimeout({ ...entriesAfterVersion, values: [showId, version, limit] });
    return (await this.pool.query<LogRow>(statement)).rows.map(fromLogRow);
  }
}
