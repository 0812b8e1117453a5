import { Inject, Injectable } from '@nestjs/common';
import type { SessionDataCodeUse } from '@usher/contract';
import type { Pool } from 'pg';
import { PG_POOL } from '../../database/pg-pool.js';
import { toEpochMs, toIso } from '../../database/sql-time.js';
import { AccessCodeUses } from './access-code-uses.service.js';

/** Number of rows that one statement deletes. */
const rowsPerStatement = 2000;

/**
 * `$1` show, `$2` batch, `$3` session. The new revision makes all nodes read the uses of the show again within a second. The
 * lane refuses earlier commands that still count the erased uses, see `SeatCommand.codesReadSeq`.
 */
const eraseUses = `with erased as (
    delete from access_code_use where show_id = $1 and batch_id = $2 and session_id = $3 returning 1
  )
  update access_code_batch set revision = revision + 1
  where show_id = $1 and batch_id = $2 and exists (select from erased)`;

/** `$1` show, `$2` number of rows. */
const deletePage = `delete from access_code_use where show_id = $1
  and ctid = any (array(select ctid from access_code_use where show_id = $1 limit $2))`;

/** Reads and erases which access codes a session has used. The codes stay used. */
@Injectable()
export class SessionAccessCodes {
  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly uses: AccessCodeUses,
  ) {}

  /**
   * Erases the uses of a session in all shows.
   *
   * @returns the time before which the erased uses were made, in ms since 1970 by the database's clock. A use that is not
   *   erased became visible after this time.
   */
  async erase(sessionId: string): Promise<number> {
    const clock = await this.pool.query<{ at: number }>(`select ${toEpochMs('clock_timestamp()')} as at`);
    const { rows } = await this.pool.query<{ showId: number; batchId: string }>(
      `select distinct show_id as "showId", batch_id as "batchId" from access_code_use where session_id = $1`,
      [sessionId],
    );
    for (const { showId, batchId } of rows) {
      await this.pool.query(eraseUses, [showId, batchId, sessionId]);
      this.uses.forgetSession(showId, sessionId);
    }
    return Math.floor(clock.rows[0]!.at);
  }

  /** Deletes the uses of all sessions in a past show. */
  async eraseShow(showId: number): Promise<void> {
    for (;;) {
      const { rowCount } = await this.pool.query(deletePage, [showId, rowsPerStatement]);
      if ((rowCount ?? 0) < rowsPerStatement) return;
    }
  }

  /** Returns the session's uses, newest first. */
  async export(sessionId: string, limit: number): Promise<SessionDataCodeUse[]> {
    const { rows } = await this.pool.query<Omit<SessionDataCodeUse, 'usedAt'> & { used: number }>(
      `select show_id as "showId", seats, ${toEpochMs('used_at')} as used from access_code_use
       where session_id = $1 order by used_at desc limit $2`,
      [sessionId, limit],
    );
    return rows.map(({ used, ...row }) => ({ ...row, usedAt: toIso(used) }));
  }
}
