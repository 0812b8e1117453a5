import { Inject, Injectable } from '@nestjs/common';
import type { ChainEntry, LineName } from '@usher/contract';
import type { Pool } from 'pg';
import { runInTransaction } from '../../database/in-transaction.js';
import { PG_POOL } from '../../database/pg-pool.js';
import { expensiveReadMsMax, readWithin } from '../../database/read-within.js';
import { toEpochMs } from '../../database/sql-time.js';
import type { Waiter } from '../core/model/waiter.js';
import { keyMemoryMs } from '../core/model/key-use.js';
import type { WaitOutcome } from '../core/rows/show-commit.js';
import { time, waiterColumns } from './sql-fragments.js';
import { withTimeout } from './statement.js';

/** One page of a line's hash chain, and the state of its lobby's shuffle when the page was read. */
export interface StoredChain {
  /**
   * The seed of the lobby's shuffle. Null if the line cannot have a lobby. It is a secret as long as `lobbySize` is
   * null.
   */
  readonly seed: string | null;
  /** The number of line tickets that got a place in the shuffle. Null before the shuffle. */
  readonly lobbySize: number | null;
  /** Times are in ms since 1970. */
  readonly entries: readonly (Omit<ChainEntry, 'at'> & { readonly at: number })[];
}

/** The last wait of a session in one show, and its result. Times are in ms since 1970. */
export interface LastWait {
  /** Null if the session never waited. */
  readonly line: LineName | null;
  readonly ticket: number | null;
  /** Null if the session never waited, or if its last wait ended before the service stored outcomes. */
  readonly outcome: WaitOutcome | null;
  readonly endedAt: number | null;
  /** The id of the booking that the line offered. The booking may have ended. */
  readonly bookingId: string | null;
  /** The time at which the session's stay ends at the latest. Null if the session has no stay. */
  readonly until: number | null;
  readonly calledOff: boolean;
}

/** `$1` show, `$2` line, `$3` line ticket. */
const findWaiter = {
  name: 'line-waiter',
  text: `select ${waiterColumns} from waiter where show_id = $1 and line = $2 and line_ticket = $3`,
};

/** `$1` show, `$2` session. The statement also reads the booking and the stay that the wait led to. */
const lastWait = {
  name: 'line-last-wait',
  text: `select w.line, w.line_ticket as ticket, w.outcome, ${toEpochMs('w.ended_at')} as "endedAt",
      (select booking_id from booking b where b.show_id = $1 and b.session_id = $2 and w.line = 'seats'
        and b.line_ticket = w.line_ticket limit 1) as "bookingId",
      (select ${toEpochMs('until')} from stay s where s.show_id = $1 and s.session_id = $2 and s.is_inside) as until,
      (select called_off from show_ledger where show_id = $1) as "calledOff"
    from (select null) one
    left join lateral (
      select line, line_ticket, outcome, ended_at from waiter
      where show_id = $1 and session_id = $2 and not waits order by ended_at desc nulls last, joined_at desc limit 1
    ) w on true`,
};

/**
 * `$1` show, `$2` line, `$3` number of the last entry of the previous page, `$4` maximum number of entries. One
 * statement reads the entries and the lobby size, so the two always agree on whether the lobby was shuffled. The receipts
 * are read entry by entry, because before PostgreSQL has statistics of a new line, it joins the whole tables in 60 ms.
 */
const chain = {
  name: 'line-chain',
  text: `select seed, lobby_size as "lobbySize",
      (select coalesce(json_agg(e order by e.n), '[]') from (
         select page.n::float8 as n, ${toEpochMs('page.at')} as at, page.kind, page.line_ticket as ticket, page.hash,
           case when page.kind = 'join' then
             (select receipt from waiter where show_id = $1 and line = $2 and line_ticket = page.line_ticket) end as receipt
         from (select * from line_event where show_id = $1 and line = $2 and n > $3::bigint
               order by line_event.n limit $4) page) e) as entries
    from show_line where show_id = $1 and line = $2`,
};

/**
 * `$1` by how many ms the work of a line must be overdue, `$2` maximum number of shows, `$3` lease in ms. Claims the
 * longest overdue shows first. The statement skips a show whose ledger is locked, because another node works on it.
 */
const claimShows = {
  name: 'line-claims',
  text: `with due as materialized (
      select show_id from show_ledger where lines_due_at <= clock_timestamp() - $1 * interval '1 ms'
      order by lines_due_at limit $2 for update skip locked
    )
    update show_ledger set lines_due_at = clock_timestamp() + $3 * interval '1 ms'
    from due where show_ledger.show_id = due.show_id
    returning show_ledger.show_id as "showId"`,
};

/** `$1` show, `$2` the expected seq of its log, `$3` time at which its lines next have work. */
const setDueAt = {
  name: 'line-due',
  text: `update show_ledger set lines_due_at = ${time('$3::float8')} where show_id = $1 and seq = $2`,
};

/** `$1` age in ms, `$2` maximum number of keys. Selects the shows of the oldest keys. */
const showsOfOldKeys = {
  name: 'line-old-keys',
  text: `select show_id as "showId", count(*)::int as count from (
      select show_id from line_key where created_at < now() - $1 * interval '1 ms' order by created_at limit $2) k
    group by show_id`,
};

/** `$1` show, `$2` age in ms, `$3` maximum number of keys. */
const deleteOldKeys = {
  name: 'line-forget-keys',
  text: `delete from line_key where show_id = $1 and ctid = any (array(
      select ctid from line_key where show_id = $1 and created_at < now() - $2 * interval '1 ms'
      order by created_at limit $3))
    returning seq::float8 as seq`,
};

/**
 * `$1` show, `$2` entries. Removes the keys of joins from the log. Nobody needs them after a day, and a client may put
 * anything into its keys.
 */
const deleteKeysOfLog = {
  name: 'line-forget-logged-keys',
  text: `update show_log set is_rewritten = true, changes = (
      select coalesce(jsonb_agg(change order by n), '[]') from jsonb_array_elements(changes) with ordinality as c (change, n)
      where change ->> 'type' <> 'keyUsed')
    where show_id = $1 and seq = any ($2::bigint[])`,
};

/**
 * Reads lines: their chains, their line tickets and the results of waits. It also claims shows whose lines have work.
 */
@Injectable()
export class LineRepository {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /** Returns up to `limit` entries of a line's chain after entry `after`. */
  async chain(showId: number, line: LineName, after: number, limit: number): Promise<StoredChain> {
    const values = [showId, line, after, limit];
    const [row] = await readWithin<StoredChain>(this.pool, expensiveReadMsMax, withTimeout({ ...chain, values }));
    return row!;
  }

  /** Returns the waiter who got a line ticket, with the place at the time of joining. The wait may have ended. */
  async waiter(showId: number, line: LineName, lineTicket: number): Promise<Waiter | null> {
    const statement = withTimeout({ ...findWaiter, values: [showId, line, lineTicket] });
    return (await this.pool.query<Waiter>(statement)).rows[0] ?? null;
  }

  /** Returns the result of a session's last wait in a show. */
  async lastWait(showId: number, sessionId: string): Promise<LastWait> {
    const statement = withTimeout({ ...lastWait, values: [showId, sessionId] });
    return (await this.pool.query<LastWait>(statement)).rows[0]!;
  }

  /**
   * Claims shows whose lines have had overdue work for at least `overdueMs`. Other nodes cannot claim them for
   * `leaseMs`.
   */
  async claimShows(overdueMs: number, limit: number, leaseMs: number): Promise<number[]> {
    const statement = withTimeout({ ...claimShows, values: [overdueMs, limit, leaseMs] });
    return (await this.pool.query<{ showId: number }>(statement)).rows.map(({ showId }) => showId);
  }

  /**
   * Stores the time at which a show's lines next have work. Does nothing if the show already has a commit after `seq`.
   *
   * @param dueAt in ms since 1970; null if no time-driven change is due
   */
  async setDueAt(showId: number, seq: number, dueAt: number | null): Promise<void> {
    await this.pool.query(withTimeout({ ...setDueAt, values: [showId, seq, dueAt] }));
  }

  /**
   * Deletes expired idempotency keys of requests to join a line, also from the logs.
   *
   * @param limit maximum number of keys that one statement deletes
   * @returns true if there may be more of them
   */
  async deleteOldKeys(limit: number): Promise<boolean> {
    const statement = withTimeout({ ...showsOfOldKeys, values: [keyMemoryMs, limit] });
    const { rows: shows } = await this.pool.query<{ showId: number; count: number }>(statement);
    for (const { showId } of shows) {
      await runInTransaction(this.pool, async (client) => {
        const { rows } = await client.query<{ seq: number | null }>({
          ...deleteOldKeys,
          values: [showId, keyMemoryMs, limit],
        });
        const entries = [...new Set(rows.flatMap(({ seq }) => seq ?? []))];
        if (entries.length > 0) await client.query({ ...deleteKeysOfLog, values: [showId, entries] });
      });
    }
    return shows.reduce((sum, { count }) => sum + count, 0) === limit;
  }
}
