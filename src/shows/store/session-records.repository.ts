import { Inject, Injectable } from '@nestjs/common';
import type { SessionDataBooking, SessionDataKey, SessionDataStay, SessionDataWait } from '@usher/contract';
import type { Pool } from 'pg';
import { runInTransaction } from '../../database/in-transaction.js';
import { PG_POOL } from '../../database/pg-pool.js';
import { toIso, toIsoOrNull, toEpochMs } from '../../database/sql-time.js';
import { withTimeout } from './statement.js';

/** Number of log entries that one statement searches for a session. It takes about 10 ms. */
const entriesPerStatement = 2000;

/** A booking of a session that is being erased. */
export interface ErasedBooking {
  readonly showId: number;
  readonly bookingId: string;
  readonly isPaid: boolean;
}

type ExportedBooking = Omit<SessionDataBooking, 'email'>;

/** `$1` the session and its pseudonym. Bookings that were erased before a crash already belong to the pseudonym. */
const bookingsOf = {
  name: 'session-bookings',
  text: `select show_id as "showId", booking_id as "bookingId", status = 'booked' as "isPaid" from booking
    where session_id = any ($1::uuid[])`,
};

/** `$1` session. */
const showsOf = {
  name: 'session-shows',
  text: `select show_id as "showId", ${toEpochMs('min(at)')} as since from (
      select show_id, created_at as at from booking where session_id = any ($1::uuid[])
      union all select show_id, joined_at from waiter where session_id = any ($1::uuid[])
      union all select show_id, admitted_at from stay where session_id = any ($1::uuid[])
      union all select show_id, created_at from line_key where session_id = any ($1::uuid[])
    ) s group by show_id`,
};

/**
 * `$1` show, `$2` the highest seq to search, `$3` number of entries, `$4` session, `$5` pseudonym. The entries are
 * searched as text, because a session occurs at different places of different changes. The idempotency keys of the
 * session are removed, because a client may put anything into its keys. A `keyUsed` change contains only a key, so the
 * whole change is removed, like its row of `line_key`.
 */
const rewriteEntries = {
  name: 'session-rewrite-log',
  text: `with page as materialized (
      select seq, at from show_log where show_id = $1 and seq <= $2 order by seq desc limit $3
    ), rewritten as (
      update show_log l set is_rewritten = true, changes = (
        select coalesce(jsonb_agg(case when change #>> '{booking,sessionId}' = $5
            then jsonb_set(change, '{booking,usedKey}', 'null') else change end order by n), '[]')
        from jsonb_array_elements(replace(l.changes::text, $4, $5)::jsonb) with ordinality as c (change, n)
        where change ->> 'type' <> 'keyUsed' or change ->> 'sessionId' <> $5)
      from page where l.show_id = $1 and l.seq = page.seq and strpos(l.changes::text, $4) > 0
    )
    select min(seq)::float8 as seq, ${toEpochMs('min(at)')} as at from page`,
};

/**
 * The rows that no longer take part in the show, because only the lane may change the others. `$1` show, `$2` session,
 * `$3` pseudonym.
 */
const replaceInRows = [
  `update booking set session_id = $3::uuid, source = null where show_id = $1 and session_id = $2::uuid
     and status not in ('reserved', 'booked')`,
  `update booking set key = null, body_hash = null
     where show_id = $1 and session_id = $3::uuid and key is not null and $2::uuid is not null`,
  'update waiter set session_id = $3::uuid, source = null where show_id = $1 and session_id = $2::uuid and not waits',
  'update stay set session_id = $3::uuid, source = null where show_id = $1 and session_id = $2::uuid and not is_inside',
  'delete from line_key where show_id = $1 and session_id = $2::uuid and $3::uuid is not null',
  'delete from presence where show_id = $1 and session_id = $2::uuid and $3::uuid is not null',
];

/** Reads the rows of a session in all shows, and replaces the session by a pseudonym. */
@Injectable()
export class SessionRecords {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /** Returns the bookings of any status that belong to one of the sessions. */
  async bookings(sessionIds: readonly string[]): Promise<ErasedBooking[]> {
    return (await this.pool.query<ErasedBooking>(withTimeout({ ...bookingsOf, values: [sessionIds] }))).rows;
  }

  /** Returns the shows in which one of the sessions has rows, each with the time of the first row in ms since 1970. */
  async shows(sessionIds: readonly string[]): Promise<{ showId: number; since: number }[]> {
    const statement = withTimeout({ ...showsOf, values: [sessionIds] });
    return (await this.pool.query<{ showId: number; since: number }>(statement)).rows;
  }

  /**
   * Replaces a session by its pseudonym in the log of a show and in the rows that no longer take part in the show. The
   * lane must have executed `eraseSession` before. The log comes first, because the rows say which shows have the
   * session. So an erasure that was interrupted can continue.
   *
   * @param since time of the session's first row in the show, in ms since 1970
   * @param lastSeq the last log entry to search
   */
  async replace(
    showId: number,
    { sessionId, pseudonym }: { readonly sessionId: string; readonly pseudonym: string },
    { since, lastSeq }: { readonly since: number; readonly lastSeq: number },
  ): Promise<void> {
    for (let seq = lastSeq; seq > 0;) {
      const values = [showId, seq, entriesPerStatement, sessionId, pseudonym];
      const { rows } = await this.pool.query<{ seq: number | null; at: number | null }>(
        withTimeout({ ...rewriteEntries, values }),
      );
      const first = rows[0];
      if (!first || first.seq === null || first.at === null || first.at < since) break;
      seq = first.seq - 1;
    }
    await runInTransaction(this.pool, async (client) => {
      for (const text of replaceInRows) await client.query(text, [showId, sessionId, pseudonym]);
    });
  }

  /** Returns the session's bookings, newest first. */
  async exportBookings(sessionId: string, limit: number): Promise<ExportedBooking[]> {
    const { rows } = await this.pool.query<
      Omit<ExportedBooking, 'total' | 'createdAt'> & { amount: number; currency: string; at: number }
    >(
      `select show_id as "showId", booking_id as "bookingId", status, seats, currency,
         (select coalesce(sum(amount), 0) from unnest(amounts) amount)::float8 as amount, ${toEpochMs('created_at')} as at
       from booking where session_id = $1 order by booking_id desc limit $2`,
      [sessionId, limit],
    );
    return rows.map(({ amount, currency, at, ...row }) => ({
      ...row,
      total: { amount, currency },
      createdAt: toIso(at),
    }));
  }

  /** Returns the idempotency keys of the session's bookings and of its requests to join lines, newest first. */
  async exportKeys(sessionId: string, limit: number): Promise<SessionDataKey[]> {
    const { rows } = await this.pool.query<Omit<SessionDataKey, 'createdAt'> & { at: number }>(
      `select key, call, show_id as "showId", ${toEpochMs('at')} as at from (
         select key, 'reservation' as call, show_id, created_at as at from booking
         where session_id = $1 and key is not null
         union all select key, 'line', show_id, created_at from line_key where session_id = $1
       ) k order by k.at desc limit $2`,
      [sessionId, limit],
    );
    return rows.map(({ at, ...row }) => ({ ...row, createdAt: toIso(at) }));
  }

  /** Returns the session's waits in lines, newest first. */
  async exportWaits(sessionId: string, limit: number): Promise<SessionDataWait[]> {
    const { rows } = await this.pool.query<
      Omit<SessionDataWait, 'joinedAt' | 'endedAt'> & { joined: number; ended: number | null }
    >(
      `select show_id as "showId", line, line_ticket as ticket, party_size as "partySize", tiers, outcome,
         ${toEpochMs('joined_at')} as joined, ${toEpochMs('ended_at')} as ended
       from waiter where session_id = $1 order by joined_at desc limit $2`,
      [sessionId, limit],
    );
    return rows.map(({ joined, ended, ...row }) => ({ ...row, joinedAt: toIso(joined), endedAt: toIsoOrNull(ended) }));
  }

  /** Returns the session's stays, newest first. */
  async exportStays(sessionId: string, limit: number): Promise<SessionDataStay[]> {
    const { rows } = await this.pool.query<
      Pick<SessionDataStay, 'showId' | 'isInside'> & { admitted: number; until: number; seen: number | null }
    >(
      `select show_id as "showId", is_inside as "isInside", ${toEpochMs('admitted_at')} as admitted,
         ${toEpochMs('until')} as until, ${toEpochMs('seen_at')} as seen
       from stay left join presence using (show_id, session_id) where session_id = $1
       order by admitted_at desc limit $2`,
      [sessionId, limit],
    );
    return rows.map(({ admitted, until, seen, ...row }) => ({
      ...row,
      admittedAt: toIso(admitted),
      until: toIso(until),
      seenAt: toIsoOrNull(seen),
    }));
  }
}
