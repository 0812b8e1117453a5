import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { PG_POOL } from '../../database/pg-pool.js';
import { toEpochMs } from '../../database/sql-time.js';
import type { EndStaysCommand } from '../core/commands/command.js';
import { withTimeout } from './statement.js';

/** A stay whose session has no open sockets any more. */
export type AbandonedStay = EndStaysCommand['sessions'][number] & { readonly showId: number };

/**
 * `$1` shows, `$2` sessions, `$3` for how many ms from now the sessions count as present. The statement locks rows in
 * the order of their keys. Otherwise two nodes that mark the same sessions could deadlock. A session without a stay gets
 * no mark. Otherwise a late mark could bring back a session whose data was just erased.
 */
const markPresent = {
  name: 'presence-mark',
  text: `insert into presence (show_id, session_id, gone_at, seen_at)
    select show, session, now() + $3 * interval '1 ms', now()
    from unnest($1::int[], $2::uuid[]) as s (show, session)
    where exists (select from stay where stay.show_id = show and stay.session_id = session and is_inside)
    group by show, session order by show, session
    on conflict (show_id, session_id) do update set gone_at = excluded.gone_at, seen_at = excluded.seen_at`,
};

const abandonedStay = `select show_id as "showId", session_id as "sessionId", ${toEpochMs('admitted_at')} as "admittedAt",
  coalesce(seen_at >= admitted_at, false) as appeared`;

const isAbandoned = `is_inside and greatest(gone_at, admitted_at + $1 * interval '1 ms') <= now()`;

/** `$1` for how many ms after its admission a session without a mark counts as present. */
const abandonedStays = {
  name: 'presence-abandoned-stays',
  text: `${abandonedStay} from stay left join presence using (show_id, session_id) where ${isAbandoned}`,
};

/**
 * Like {@link abandonedStays}, but restricted to sessions whose presence ended in the last `$2` ms. With 200,000 stays,
 * and 200 sessions leaving per second, a query for the last 10 s takes 20 ms and a query for all stays takes 400 ms.
 */
const recentlyAbandonedStays = {
  name: 'presence-recently-abandoned-stays',
  text: `${abandonedStay} from (
      select show_id, session_id from presence where gone_at > now() - $2 * interval '1 ms' and gone_at <= now()
      union
      select show_id, session_id from stay where is_inside
        and admitted_at > now() - ($1 + $2) * interval '1 ms' and admitted_at <= now() - $1 * interval '1 ms'
    ) suspect
    join stay using (show_id, session_id) left join presence using (show_id, session_id) where ${isAbandoned}`,
};

const deleteOldMarks = {
  name: 'presence-delete-old-marks',
  text: `delete from presence where gone_at < now() - interval '1 hour'`,
};

/** Stores the presence of sessions in metered shows, and finds stays whose sessions are no longer present. */
@Injectable()
export class PresenceRepository {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /** Marks sessions as present in shows for `presentMs` from now. */
  async mark(
    sessions: readonly { readonly showId: number; readonly sessionId: string }[],
    presentMs: number,
  ): Promise<void> {
    const values = [sessions.map(({ showId }) => showId), sessions.map(({ sessionId }) => sessionId), presentMs];
    await this.pool.query(withTimeout({ ...markPresent, values }));
  }

  /** Deletes marks of sessions whose presence ended more than an hour ago, because no query uses such marks. */
  async deleteOldMarks(): Promise<void> {
    await this.pool.query(withTimeout(deleteOldMarks));
  }

  /**
   * Returns the stays whose sessions are no longer present.
   *
   * @param unmarkedMs how long after its admission a session without a mark counts as present
   * @param recentMs only finds sessions whose presence ended within this time, which makes the query cheap; null for
   * all
   */
  async abandonedStays(unmarkedMs: number, recentMs: number | null): Promise<AbandonedStay[]> {
    const statement =
      recentMs === null
        ? { ...abandonedStays, values: [unmarkedMs] }
        : { ...recentlyAbandonedStays, values: [unmarkedMs, recentMs] };
    return (await this.pool.query<AbandonedStay>(withTimeout(statement))).rows;
  }
}
