import type { BookingStatus, LineName } from '@usher/contract';
import type { Pool } from 'pg';
import type { StoredChange } from '../../src/shows/core/log/show-change.js';

/** A row of the table `booking`. Times are in ms since 1970. */
export interface BookingRow {
  readonly bookingId: string;
  readonly sessionId: string;
  readonly status: BookingStatus;
  readonly seats: readonly number[];
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly firstExpiresAt: number;
  readonly firstVersion: number;
  readonly version: number;
  readonly key: string | null;
  readonly ticket: number | null;
}

/** A row of the table `show_log`. */
export interface LogRow {
  readonly seq: number;
  readonly version: number;
  readonly at: number;
  readonly changes: readonly StoredChange[];
}

/** A row of the table `line_event`. */
export interface ChainRow {
  readonly line: LineName;
  readonly n: number;
  readonly at: number;
  readonly kind: string;
  readonly ticket: number | null;
  readonly hash: string;
}

/** The rows of one show in all tables that the checker reads. All rows come from the same snapshot. */
export interface ShowTables {
  readonly showId: number;
  /** The time of the database's clock when the tables were read, in ms since 1970. */
  readonly now: number;
  readonly ledger: {
    readonly seq: number;
    readonly version: number;
    readonly free: number;
    readonly held: number;
    readonly sold: number;
    readonly blocked: number;
  };
  readonly log: readonly LogRow[];
  readonly seats: readonly { readonly seat: number; readonly status: number; readonly bookingId: string | null }[];
  readonly bookings: readonly BookingRow[];
  readonly chain: readonly ChainRow[];
  readonly waiters: readonly { readonly line: LineName; readonly ticket: number; readonly sessionId: string }[];
}

const ms = (time: string): string => `(extract(epoch from ${time}) * 1000)::float8`;

/**
 * Reads a show's tables in one snapshot. Uses SQL of its own, so that the check does not depend on the code it checks.
 */
export async function readTables(pool: Pool, showId: number): Promise<ShowTables> {
  const client = await pool.connect();
  const all = async <Row extends object>(text: string) => (await client.query<Row>(text, [showId])).rows;
  try {
    await client.query('begin isolation level repeatable read read only');
    const [ledger] = await all<ShowTables['ledger'] & { now: number }>(
      `select seq::float8 as seq, version::float8 as version, free, held, sold, blocked, ${ms('clock_timestamp()')} as now
       from show_ledger where show_id = $1`,
    );
    if (!ledger) throw new Error(`show ${showId} has no ledger`);
    const tables: ShowTables = {
      showId,
      now: ledger.now,
      ledger,
      log: await all(
        `select seq::float8 as seq, version::float8 as version, ${ms('at')} as at, changes from show_log
         where show_id = $1 order by seq`,
      ),
      seats: await all(
        `select seat, status, booking_id as "bookingId" from show_seat where show_id = $1 order by seat`,
      ),
      bookings: await all(
        `select booking_id as "bookingId", session_id as "sessionId", status, seats, key, line_ticket as ticket,
           ${ms('created_at')} as "createdAt", ${ms('expires_at')} as "expiresAt",
           ${ms('first_expires_at')} as "firstExpiresAt", first_version::float8 as "firstVersion",
           version::float8 as version from booking where show_id = $1`,
      ),
      chain: await all(
        `select line, n::float8 as n, ${ms('at')} as at, kind, line_ticket as ticket, hash from line_event where show_id = $1
         order by line, n`,
      ),
      waiters: await all(
        `select line, line_ticket as ticket, session_id as "sessionId" from waiter where show_id = $1 and waits order by line, line_ticket`,
      ),
    };
    await client.query('commit');
    return tables;
  } finally {
    client.release();
  }
}
