import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { chainStart } from '../core/line/chain.js';
import type { LogEntry, LogPosition } from '../core/log/log-entry.js';
import { keyMemoryMs, type KeyUse } from '../core/model/key-use.js';
import { internSource } from '../core/model/source.js';
import type { StoredShow } from '../core/state/stored-show.js';
import { type BookingRow, toBookingRecord } from './booking-row.js';
import type { LogRow } from '../core/log/stored-entry.js';
import { entriesSince, PostgresShowTransaction, selectEntriesFrom } from './postgres-show-transaction.js';
import type { ShowStore, ShowTransaction } from './show-store.js';
import * as sql from './show-sql.js';
import { withTimeout } from './statement.js';

interface LoadRow extends Omit<StoredShow, 'liveBookings' | 'keys'> {
  bookings: BookingRow[];
  keys: ({ readonly sessionId: string; readonly key: string } & KeyUse)[];
}

/** A row of a waiter or a stay, whose source is replaced while it is read. */
interface SourceRow {
  source: string | null;
}

/** Loads shows from PostgreSQL and begins transactions on them. Only lanes use it. */
export class PostgresShowStore implements ShowStore {
  /**
   * @param lock builds the statement that takes the lock. Some tests omit the lock, to prove that they detect the
   * damage.
   */
  constructor(
    private readonly pool: Pool,
    private readonly lock: (showId: number) => string = sql.lock,
  ) {}

  async load(showId: number): Promise<StoredShow | null> {
    const { rows } = await this.pool.query<LoadRow>(withTimeout({ ...sql.load, values: [showId, keyMemoryMs] }));
    const row = rows[0];
    if (!row) return null;
    const { bookings, keys, ...rest } = row;
    // A line may have a million waiters, so their rows are changed in place.
    const lists: readonly (readonly SourceRow[])[] = [row.lines.seats.waiters, row.lines.entry.waiters, row.stays];
    for (const list of lists) for (const one of list) one.source = internSource(one.source);
    return {
      ...rest,
      liveBookings: bookings.map(toBookingRecord),
      keys: keys.map(({ sessionId, key, ...use }) => ({ sessionId, key, use })),
    };
  }

  async entriesAfter(showId: number, position: LogPosition): Promise<LogEntry[] | null> {
    const { rows } = await this.pool.query<LogRow>(withTimeout(selectEntriesFrom(showId, position)));
    return entriesSince(position, rows);
  }

  /** Returns the position of the last commit of each show, by show id. */
  async positions(showIds: readonly number[]): Promise<Map<number, LogPosition>> {
    if (showIds.length === 0) return new Map();
    const { rows } = await this.pool.query<LogPosition & { showId: number }>(
      withTimeout({ ...sql.positions, values: [showIds] }),
    );
    return new Map(rows.map(({ showId, ...position }) => [showId, position]));
  }

  /** Inserts the rows of a show's ledger and lines if they are missing, with a random seed for the lobby. */
  async createLedger(showId: number, seatCount: number): Promise<void> {
    const values = [showId, seatCount, randomBytes(32).toString('hex'), chainStart];
    await this.pool.query({ ...sql.createLedger, values });
  }

  async begin(showId: number): Promise<ShowTransaction> {
    return new PostgresShowTransaction(await this.pool.connect(), showId, this.lock);
  }
}
