import { Inject, Injectable } from '@nestjs/common';
import type { SessionDataCodeUse } from '@usher/contract';
import type { Pool } from 'pg';
import { PG_POOL } from '../../database/pg-pool.js';
import { toEpochMs, toIso } from '../../database/sql-time.js';

/** Number of rows that one statement deletes. */
const rowsPerStatement = 2000;

/**
 * `$1` show, `$2` batch, `$3` session. The new revision makes all nodes read the uses of the show again. Otherwise, a node
 * could sell the seats of the code a second time, because the paid bookings no longer belong to the session.
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
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /** Erases the uses of a session in all shows. */
  async erase(sessionId: string): Promise<void> {
    const { rows } = await this.pool.query<{ showId: number; batchId: string }>(
      `select distinct show_id as "showId", batch_id as "batchId" from access_code_use where session_id = $1`,
      [sessionId],
    );
    for (const { showId, batchId } of rows) await this.pool.query(eraseUses, [showId, batchId, sessionId]);
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
