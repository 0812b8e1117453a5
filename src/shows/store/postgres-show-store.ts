import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ChainEntry, LineName } from '@usher/contract';
import type { Pool, PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import { type BookingRow, toBookingRecord } from './booking-row.js';
import type { BookingRecord } from '../core/booking-record.js';
import type { EndStaysCommand } from '../core/command.js';
import { isSamePosition, type LogEntry, type LogPosition } from '../core/show-log.js';
import { chainStart } from '../core/line/chain.js';
import type { Waiter } from '../core/line/waiter.js';
import { keyMemoryMs, type KeyUse, type StoredShow } from '../core/show-state.js';
import { writeLines } from './line-store.js';
import { writePayments } from './payment-store.js';
import { fromLogged, type LogRow, toLogged } from './logged-entry.js';
import {
  type CatalogCommit,
  CommitInDoubtError,
  HallTakenError,
  type LockedShow,
  LockTimeoutError,
  type SeatRow,
  type ShowCommit,
  type ShowStore,
  type ShowTransaction,
  StateMismatchError,
  TooFarBehindError,
  type WaitOutcome,
} from './show-store.js';
import * as lineSql from './line-sql.js';
import * as sql from './show-sql.js';

/** PostgreSQL's codes for a lock that was not had in time and for a statement that was cut off. */
const timeoutCodes = new Set(['55P03', '57014']);

interface LoadRow extends Omit<StoredShow, 'liveBookings' | 'keys'> {
  bookings: BookingRow[];
  keys: ({ readonly sessionId: string; readonly key: string } & KeyUse)[];
}

/** Some of a line's chain, and its lobby's shuffle as it was when they were read. */
export interface StoredChain {
  /** What the lobby is or was shuffled by; null: the line cannot have one. Secret until `lobbySize` is known. */
  readonly seed: string | null;
  /** How many the shuffle placed; null before it. */
  readonly lobbySize: number | null;
  readonly entries: readonly (Omit<ChainEntry, 'at'> & { readonly at: number })[];
}

/** What became of a session's last wait; times in ms since 1970. */
export interface LastWait {
  /** Null: it never waited. */
  readonly line: LineName | null;
  readonly ticket: number | null;
  /** Null also for a wait that ended before outcomes were kept. */
  readonly outcome: WaitOutcome | null;
  readonly endedAt: number | null;
  /** The booking that was offered, whatever its status is now. */
  readonly bookingId: string | null;
  /** When the session's stay ends at the latest; null: it is not inside. */
  readonly until: number | null;
  readonly calledOff: boolean;
}

/** A stay whose session is gone. */
export type GoneShopper = EndStaysCommand['sessions'][number] & { readonly showId: number };

/** A booking and the show that it is of. */
export interface StoredBooking {
  readonly showId: number;
  readonly booking: BookingRecord;
}

type StoredBookingRow = BookingRow & { readonly showId: number };

const toStoredBooking = ({ showId, ...row }: StoredBookingRow): StoredBooking => ({
  showId,
  booking: toBookingRecord(row),
});

/** The shows in PostgreSQL. */
export class PostgresShowStore implements ShowStore {
  /** @param lock the lock's statement; tests leave the lock out of it to see that the damage is found */
  constructor(
    private readonly pool: Pool,
    private readonly lock: (showId: number) => string = sql.lock,
  ) {}

  async load(showId: number): Promise<StoredShow | null> {
    const { rows } = await this.pool.query<LoadRow>(bounded({ ...sql.load, values: [showId, keyMemoryMs] }));
    const row = rows[0];
    if (!row) return null;
    const { bookings, keys, ...rest } = row;
    return {
      ...rest,
      liveBookings: bookings.map(toBookingRecord),
      keys: keys.map(({ sessionId, key, ...use }) => ({ sessionId, key, use })),
    };
  }

  async entriesAfter(showId: number, position: LogPosition): Promise<LogEntry[] | null> {
    const { rows } = await this.pool.query<LogRow>(bounded(entriesFrom(showId, position)));
    return entriesSince(position, rows);
  }

  /** Log entries after `seq`, oldest first. @param limit how many entries at most; null: all */
  async log(showId: number, seq: number, limit: number | null): Promise<LogEntry[]> {
    const statement = bounded({ ...sql.entriesAfter, values: [showId, seq, limit] });
    return (await this.pool.query<LogRow>(statement)).rows.map(fromLogged);
  }

  /** Log entries after a version, oldest first, `limit` of them at most. */
  async entriesAfterVersion(showId: number, version: number, limit: number): Promise<LogEntry[]> {
    const statement = bounded({ ...sql.entriesAfterVersion, values: [showId, version, limit] });
    return (await this.pool.query<LogRow>(statement)).rows.map(fromLogged);
  }

  /** The ends of the logs of some shows, by show. */
  async positions(showIds: readonly number[]): Promise<Map<number, LogPosition>> {
    if (showIds.length === 0) return new Map();
    const { rows } = await this.pool.query<LogPosition & { showId: number }>(
      bounded({ ...sql.positions, values: [showIds] }),
    );
    return new Map(rows.map(({ showId, ...position }) => [showId, position]));
  }

  /** A booking with its show, whatever its state; null when there is none. */
  async findBooking(bookingId: string): Promise<StoredBooking | null> {
    const { rows } = await this.pool.query<StoredBookingRow>(bounded({ ...sql.findBooking, values: [bookingId] }));
    return rows[0] ? toStoredBooking(rows[0]) : null;
  }

  /** A session's bookings of a show, newest first, from the one after `before` on. */
  async bookingsOfSession(showId: number, sessionId: string, before: string | null, limit: number) {
    const values = [showId, sessionId, before, limit];
    const { rows } = await this.pool.query<StoredBookingRow>(bounded({ ...sql.bookingsOfSession, values }));
    return rows.map(toStoredBooking);
  }

  /** Bookings whose ids have an ending, newest first, from the one after `before` on. @param showId null: of any show */
  async bookingsOfCode(idEnding: string, showId: number | null, before: string | null, limit: number) {
    const values = [idEnding, showId, before, limit];
    const { rows } = await this.pool.query<StoredBookingRow>(bounded({ ...sql.bookingsOfCode, values }));
    return rows.map(toStoredBooking);
  }

  /** The revision that the valid links of a booking have. */
  async linkRevision(showId: number, bookingId: string): Promise<number> {
    const { rows } = await this.pool.query<{ revision: number }>({ ...sql.linkRevision, values: [showId, bookingId] });
    return rows[0]?.revision ?? 0;
  }

  /** Revokes every link to a booking that was made so far. */
  async revokeLinks(showId: number, bookingId: string): Promise<void> {
    await this.pool.query({ ...sql.revokeLinks, values: [showId, bookingId] });
  }

  /** The database's time, the shows with due holds, and when the next hold ends (ms since 1970; null: none runs). */
  async dueShows(): Promise<{ now: number; shows: number[]; next: number | null }> {
    const { rows } = await this.pool.query<{ now: number; shows: number[]; next: number | null }>(
      bounded(sql.dueShows),
    );
    return rows[0]!;
  }

  /** Makes the rows of the show's ledger and lines where they are missing, and a seed for its lobby with them. */
  async makeLedger(showId: number, seatCount: number): Promise<void> {
    const values = [showId, seatCount, randomBytes(32).toString('hex'), chainStart];
    await this.pool.query({ ...sql.makeLedger, values });
  }

  /** Entries of a line's chain after entry `after`, `limit` of them at most; times in ms since 1970. */
  async chain(showId: number, line: LineName, after: number, limit: number): Promise<StoredChain> {
    const statement = bounded({ ...lineSql.chain, values: [showId, line, after, limit] });
    return (await this.pool.query<StoredChain>(statement)).rows[0]!;
  }

  /** One ticket of a line, waiting or not, with its place as it was given. */
  async waiter(showId: number, line: LineName, ticket: number): Promise<Waiter | null> {
    const statement = bounded({ ...lineSql.waiterOf, values: [showId, line, ticket] });
    return (await this.pool.query<Waiter>(statement)).rows[0] ?? null;
  }

  /** What became of a session's last wait for a show. */
  async lastWait(showId: number, sessionId: string): Promise<LastWait> {
    const statement = bounded({ ...lineSql.lastWait, values: [showId, sessionId] });
    return (await this.pool.query<LastWait>(statement)).rows[0]!;
  }

  /** Forgets idempotency keys of joins that are too old to count. @returns how many of `limit` */
  async forgetLineKeys(limit: number): Promise<number> {
    const statement = bounded({ ...lineSql.forgetLineKeys, values: [keyMemoryMs, limit] });
    return (await this.pool.query(statement)).rowCount ?? 0;
  }

  /** Takes on some shows whose lines have had something to do for `lateMs`: no other node gets them for `claimMs`. */
  async claimLines(lateMs: number, limit: number, claimMs: number): Promise<number[]> {
    const statement = bounded({ ...lineSql.claimLines, values: [lateMs, limit, claimMs] });
    return (await this.pool.query<{ showId: number }>(statement)).rows.map(({ showId }) => showId);
  }

  /** When time gives a show's lines something to do, unless somebody committed after `seq`. @param dueAt null: never */
  async setLinesDue(showId: number, seq: number, dueAt: number | null): Promise<void> {
    await this.pool.query(bounded({ ...lineSql.linesDue, values: [showId, seq, dueAt] }));
  }

  /** Sessions were seen in shows: they count as here for `hereMs` from now. */
  async seen(
    visits: readonly { readonly showId: number; readonly sessionId: string }[],
    hereMs: number,
  ): Promise<void> {
    const values = [visits.map(({ showId }) => showId), visits.map(({ sessionId }) => sessionId), hereMs];
    await this.pool.query(bounded({ ...lineSql.seen, values }));
  }

  /** Throws away marks that nobody asks for any more. */
  async forgetGone(): Promise<void> {
    await this.pool.query(bounded(lineSql.forgetGone));
  }

  /**
   * Stays of sessions that are gone.
   *
   * @param unseenMs after which one that never came counts as gone
   * @param sinceMs only of those that were not so then, which costs little; null: of all
   */
  async goneShoppers(unseenMs: number, sinceMs: number | null): Promise<GoneShopper[]> {
    const statement =
      sinceMs === null
        ? { ...lineSql.goneShoppers, values: [unseenMs] }
        : { ...lineSql.justGoneShoppers, values: [unseenMs, sinceMs] };
    return (await this.pool.query<GoneShopper>(bounded(statement))).rows;
  }

  async begin(showId: number): Promise<ShowTransaction> {
    return new PostgresShowTransaction(await this.pool.connect(), showId, this.lock);
  }
}

class PostgresShowTransaction implements ShowTransaction {
  /** The connection did not answer in time: whatever else it is asked would wait behind that. */
  private isSilent = false;

  constructor(
    private readonly client: PoolClient,
    private readonly showId: number,
    private readonly lockStatement: (showId: number) => string,
  ) {}

  async lock(position: LogPosition): Promise<LockedShow> {
    const { now, ...end } = await this.ledger();
    if (isSamePosition(end, position)) return { now, missed: [] };
    try {
      // The log decides: a node of an older release leaves the ledger's commit id as it was.
      const { rows } = await this.ask<LogRow>(entriesFrom(this.showId, position));
      return { now, missed: entriesSince(position, rows) };
    } catch (cause) {
      if (!isTimeout(cause)) throw cause;
      // So far behind that reading on takes too long under the lock: the tables are quicker.
      throw new TooFarBehindError(`show ${this.showId} is too far ahead to catch up with`, { cause });
    }
  }

  async write(commit: ShowCommit): Promise<void> {
    const { updated, deleted } = commit.seats;
    const expected = { ledger: 1, changed: updated.length, freed: deleted.length, ended: commit.ended.length };
    const found = await this.writeRows(commit);
    if (isDeepStrictEqual(found, expected)) return;
    const [were, instead] = [expected, found].map((counts) => JSON.stringify(counts));
    throw new StateMismatchError(`show ${this.showId}: rows ${were} were expected, ${instead} were found`);
  }

  async commit(): Promise<void> {
    try {
      await this.ask({ text: 'commit' });
    } catch (error) {
      this.client.release(true);
      // Also when the server answered with an error: what it says of a commit cut short is not sure enough to act on.
      throw new CommitInDoubtError(`the commit of show ${this.showId} was not answered`, { cause: error });
    }
    this.client.release();
  }

  async rollback(): Promise<void> {
    if (this.isSilent) {
      this.client.release(true);
      return;
    }
    try {
      await this.ask({ text: 'rollback' });
    } catch {
      // The connection is gone, and with it the transaction.
      this.client.release(true);
      return;
    }
    this.client.release();
  }

  private async ask<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>> {
    try {
      return await this.client.query<Row>(bounded(statement));
    } catch (error) {
      this.isSilent ||= error instanceof Error && error.message === 'Query read timeout';
      throw error;
    }
  }

  // In one message with "begin": a round trip less is an eighth of a lone reservation's time.
  private async ledger(): Promise<LedgerRow> {
    try {
      const text = `${sql.begin}; ${this.lockStatement(this.showId)}`;
      // Several statements in one text are answered by as many results, which the types of `pg` do not know.
      const results: unknown = await this.ask({ text });
      const row = lastRow(results);
      if (!row) throw new Error(`show ${this.showId} has no ledger row`);
      // Whole milliseconds: what is sent and what is compared must be the same instant.
      return { ...row, now: Math.floor(row.now) };
    } catch (error) {
      if (isTimeout(error)) throw new LockTimeoutError(`show ${this.showId} stayed locked`, { cause: error });
      throw error;
    }
  }

  private async writeRows(commit: ShowCommit): Promise<unknown> {
    try {
      const query = (statement: { name: string; text: string; values: unknown[] }) => this.ask(statement);
      const { rows } = await this.ask(writeStatement(commit));
      if (commit.catalog) await writeCatalog(query, commit, commit.catalog);
      if (commit.lines) await writeLines(query, commit, commit.lines);
      if (commit.payments) await writePayments(query, commit.showId, commit.payments);
      return rows[0];
    } catch (cause) {
      if (hasCode(cause, '23P01')) throw new HallTakenError(`show ${this.showId} cannot move`, { cause });
      // Two shows that move into each other's time wait for each other: PostgreSQL ends one of them, which tries again.
      if (hasCode(cause, '40P01')) throw new LockTimeoutError(`show ${this.showId} met another move`, { cause });
      if (!hasCode(cause, '23505')) throw cause;
      throw new StateMismatchError(`show ${this.showId}: a row is there already`, { cause });
    }
  }
}

/**
 * How long an answer of the database is waited for. Its own limits are shorter and answer first; this one is for a
 * connection whose packets vanish, which TCP alone would notice after a quarter of an hour.
 */
const answerMsMax = 8000;

const bounded = <T extends object>(statement: T) => ({ ...statement, query_timeout: answerMsMax });

/** The end of a show's log, and the database's clock, under the lock. */
interface LedgerRow extends LogPosition {
  readonly now: number;
}

/** The ledger's row out of the results of `begin` and the lock. */
function lastRow(results: unknown): LedgerRow | undefined {
  const last: { rows: LedgerRow[] } | undefined = Array.isArray(results) ? results.at(-1) : undefined;
  return last?.rows[0];
}

const entriesFrom = (showId: number, { seq }: LogPosition) => ({ ...sql.entriesFrom, values: [showId, seq] });

/** The entries after a position, out of the rows from that position on; null when the first row is another commit. */
function entriesSince(position: LogPosition, rows: readonly LogRow[]): LogEntry[] | null {
  // No row stands for the empty log.
  if (position.seq === 0) return rows.map(fromLogged);
  const [first, ...missed] = rows;
  return first && isSamePosition(first, position) ? missed.map(fromLogged) : null;
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

const isTimeout = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && timeoutCodes.has(String(error.code));

const rowColumns = (rows: readonly SeatRow[]): unknown[] => [
  rows.map(({ seat }) => seat),
  rows.map(({ status }) => status),
  rows.map(({ bookingId }) => bookingId),
];

const arrayText = (numbers: readonly number[]): string => `{${numbers.join(',')}}`;

/** The statement that writes a commit, with its parameters: the shorter one where nothing changes or goes. */
function writeStatement(commit: ShowCommit) {
  const { ended, seats } = commit;
  const adds = seats.updated.length + seats.deleted.length + ended.length === 0;
  if (adds) return { ...sql.writeAdditions, values: addedValues(commit) };
  const changed = [
    ...rowColumns(seats.updated),
    seats.deleted,
    ended.flatMap(({ bookingId, status }) => (status === 'expired' ? [bookingId] : [])),
    ended.flatMap(({ bookingId, status }) => (status === 'released' ? [bookingId] : [])),
  ];
  return { ...sql.write, values: [...addedValues(commit), ...changed] };
}

type Run = (statement: { name: string; text: string; values: unknown[] }) => Promise<unknown>;

async function writeCatalog(run: Run, { showId, entry }: ShowCommit, catalog: CatalogCommit): Promise<void> {
  const { termsVersion, calledOff } = catalog;
  if (catalog.terms) await run({ ...sql.writeTerms, values: termsValues(showId, catalog, catalog.terms) });
  if (calledOff) await run({ ...sql.writeCallOff, values: [showId, termsVersion, entry.at, calledOff.reason] });
}

/** In the order of {@link sql.writeTerms}' parameters. */
function termsValues(showId: number, catalog: CatalogCommit, terms: NonNullable<CatalogCommit['terms']>): unknown[] {
  const { termsVersion, planned } = catalog;
  const { prices, currency, saleOpensAt, saleClosesAt, rules, waitingRoom: room } = terms;
  const { shopMs, ...entry } = room ?? { shopMs: 0 };
  const stored = room && { ...entry, shopSeconds: shopMs / 1000 };
  const json = (value: unknown) => value && JSON.stringify(value);
  return [
    showId,
    termsVersion,
    json(prices),
    currency,
    saleOpensAt,
    saleClosesAt,
    json(rules),
    json(stored),
    planned?.movieId ?? null,
    planned?.hallId ?? null,
    planned?.startsAt ?? null,
    planned?.endsAt ?? null,
  ];
}

/** In the order of {@link sql.writeAdditions}' parameters. */
function addedValues({ showId, entry, added, seats, counts }: ShowCommit): unknown[] {
  return [
    showId,
    entry.seq,
    entry.version,
    entry.at,
    JSON.stringify(toLogged(entry)),
    counts.free,
    counts.held,
    counts.sold,
    counts.blocked,
    ...rowColumns(seats.inserted),
    added.map(({ bookingId }) => bookingId),
    added.map(({ sessionId }) => sessionId),
    added.map(({ status }) => status),
    added.map((booking) => arrayText(booking.seats)),
    added.map((booking) => arrayText(booking.amounts)),
    added.map(({ currency }) => currency),
    added.map(({ substituted }) => substituted),
    added.map(({ createdAt }) => createdAt),
    added.map(({ expiresAt }) => expiresAt),
    added.map(({ usedKey }) => usedKey?.key ?? null),
    added.map(({ usedKey }) => usedKey?.bodyHash ?? null),
    added.map(({ ticket }) => ticket),
    added.map(({ refundTerms }) => refundTerms && JSON.stringify(refundTerms)),
    entry.commitId,
  ];
}
