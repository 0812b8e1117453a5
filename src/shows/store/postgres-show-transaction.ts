import type { PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import { auditStatement, auditValues } from '../../access/index.js';
import { isSamePosition, type LogEntry, type LogPosition } from '../core/log/log-entry.js';
import { fromLogRow, type LogRow } from '../core/log/stored-entry.js';
import {
  CommitInDoubtError,
  HallTakenError,
  type LockedShow,
  LockTimeoutError,
  type ShowTransaction,
  StateMismatchError,
  TooFarBehindError,
} from './show-store.js';
import type { ShowCommit } from '../core/log/to-commit.js';
import * as sql from './show-sql.js';
import { type Statement, withTimeout } from './statement.js';
import { writeCatalog } from './write-catalog.js';
import { writeLines } from './write-lines.js';
import { writePayments } from './write-payments.js';
import { expectedRows, requireRows, writeRows } from './write-rows.js';

/** One transaction on the tables of one show, on a connection of its own. */
export class PostgresShowTransaction implements ShowTransaction {
  /** True if a query got no answer in time. The connection would not answer any further query before that one. */
  private isSilent = false;

  constructor(
    private readonly client: PoolClient,
    private readonly showId: number,
    private readonly lockStatement: (showId: number) => string,
  ) {}

  async lock(position: LogPosition): Promise<LockedShow> {
    const { now, ...end } = await this.lockLedger();
    if (isSamePosition(end, position)) return { now, missed: [] };
    try {
      // If the positions differ, the log decides, because a node of an older release does not write the commit id of
      // the ledger.
      const { rows } = await this.ask<LogRow>(selectEntriesFrom(this.showId, position));
      return { now, missed: entriesSince(position, rows) };
    } catch (cause) {
      if (!isTimeout(cause)) throw cause;
      // The log is too long to read under the lock. Reading the tables is faster.
      throw new TooFarBehindError(`show ${this.showId}: the log is too far ahead to catch up`, { cause });
    }
  }

  async write(commit: ShowCommit): Promise<void> {
    const run = (statement: Statement) => this.ask(statement);
    try {
      const found = await writeRows(run, commit);
      if (commit.catalog) await writeCatalog(run, commit, commit.catalog);
      if (commit.lines) await writeLines(run, commit, commit.lines);
      if (commit.payments) await writePayments(run, commit.showId, commit.payments);
      requireRows(`show ${this.showId}`, expectedRows(commit), found);
      // The head of the audit chain is the last lock of the transaction.
      for (const record of commit.audit) await run({ ...auditStatement, values: auditValues(record) });
    } catch (cause) {
      if (hasCode(cause, sqlStates.exclusionViolation))
        throw new HallTakenError(`show ${this.showId}: the hall has another show at that time`, { cause });
      // If two shows move to each other's times, their transactions wait for each other. PostgreSQL ends one of the
      // two, and the callers of that show get `BUSY`.
      if (hasCode(cause, sqlStates.deadlock))
        throw new LockTimeoutError(`show ${this.showId}: deadlock with the move of another show`, { cause });
      if (!hasCode(cause, sqlStates.uniqueViolation)) throw cause;
      throw new StateMismatchError(`show ${this.showId}: a row that should be new exists already`, { cause });
    }
  }

  async commit(): Promise<void> {
    try {
      await this.ask({ text: 'commit' });
    } catch (error) {
      this.client.release(true);
      // Even an error that the server reports leaves the commit in doubt, because the commit may have been interrupted.
      throw new CommitInDoubtError(`show ${this.showId}: the commit was not answered`, { cause: error });
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
      // The connection is lost, so PostgreSQL rolls the transaction back.
      this.client.release(true);
      return;
    }
    this.client.release();
  }

  private async ask<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>> {
    try {
      return await this.client.query<Row>(withTimeout(statement));
    } catch (error) {
      this.isSilent ||= error instanceof Error && error.message === 'Query read timeout';
      throw error;
    }
  }

  // Sends "begin" and the lock in one message, because a round trip takes an eighth of the time of a single
  // reservation.
  private async lockLedger(): Promise<LockedLedger> {
    try {
      const text = `${sql.begin}; ${this.lockStatement(this.showId)}`;
      // `pg` answers several statements in one text with an array of results. Its types do not say so.
      const results: unknown = await this.ask({ text });
      const row = lastRow(results);
      if (!row) throw new Error(`show ${this.showId} has no ledger row`);
      // Whole milliseconds, so that times which clients receive equal the times that the core compares.
      return { ...row, now: Math.floor(row.now) };
    } catch (error) {
      if (isTimeout(error))
        throw new LockTimeoutError(`show ${this.showId}: the lock was not free in time`, { cause: error });
      throw error;
    }
  }
}

/** The error codes of PostgreSQL that a transaction on a show handles. */
const sqlStates = {
  uniqueViolation: '23505',
  exclusionViolation: '23P01',
  deadlock: '40P01',
  lockTimeout: '55P03',
  queryCanceled: '57014',
} as const;

/** The contents of the locked ledger row: the position of the show's last commit. */
interface LockedLedger extends LogPosition {
  /** The database's clock under the lock, in ms since 1970. */
  readonly now: number;
}

/** Returns the ledger row from the results of `begin` and the lock. */
function lastRow(results: unknown): LockedLedger | undefined {
  const last: { rows: LockedLedger[] } | undefined = Array.isArray(results) ? results.at(-1) : undefined;
  return last?.rows[0];
}

/** Builds the query for the entry at a position and all later entries. */
export const selectEntriesFrom = (showId: number, { seq }: LogPosition) => ({
  ...sql.entriesFrom,
  values: [showId, seq],
});

/**
 * Returns the entries after a position.
 *
 * @param rows the result of {@link selectEntriesFrom}
 * @returns null if the log does not contain the commit of that position
 * @throws TooFarBehindError if the erasure of personal data has changed an entry after the position. The entry names a
 *   pseudonym, whereas memory and the entries before may name the session.
 */
export function entriesSince(position: LogPosition, rows: readonly LogRow[]): LogEntry[] | null {
  const missed = rows.filter(({ seq }) => seq > position.seq);
  if (missed.some(({ isRewritten }) => isRewritten)) {
    throw new TooFarBehindError('the missed log entries were rewritten since; reading the tables');
  }
  // The position before the first commit has no row.
  if (position.seq === 0) return missed.map(fromLogRow);
  const [first] = rows;
  return first && isSamePosition(first, position) ? missed.map(fromLogRow) : null;
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : null);

const hasCode = (error: unknown, code: string): boolean => codeOf(error) === code;

const isTimeout = (error: unknown): boolean =>
  hasCode(error, sqlStates.lockTimeout) || hasCode(error, sqlStates.queryCanceled);
