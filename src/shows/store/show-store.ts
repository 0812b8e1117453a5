import type { LogEntry, LogPosition } from '../core/log/log-entry.js';
import type { ShowCommit } from '../core/log/to-commit.js';
import type { StoredShow } from '../core/state/stored-show.js';

/**
 * Stores shows. The service stores them in PostgreSQL, and the simulator in a simulated database.
 *
 * Rules of the lock. Only a lane takes the lock, and only through {@link ShowStore.begin}:
 * 1. Every change to a show is made by a transaction that holds the lock of the show's ledger row. The only other rows
 *    for which the transaction may wait are the show's catalog entry and the head of the show's audit chain. No transaction
 *    that has locked one of these two waits for a ledger, and the head is always the last lock of a transaction.
 * 2. The transaction's first statement takes the lock. The transaction reads the time and the missed log entries only
 *    after that.
 * 3. The wait for the lock is limited. {@link LockTimeoutError} says that the transaction did not get the lock in time.
 * 4. A transaction writes one commit and ends. Nothing else runs in it.
 */
export interface ShowStore {
  /** Reads the show from the tables at one moment, without the lock. Returns null if there is no such show. */
  load(showId: number): Promise<StoredShow | null>;
  /**
   * Reads the log entries after a position, oldest first, without the lock. Returns null if the log does not contain
   * that position.
   */
  entriesAfter(showId: number, position: LogPosition): Promise<LogEntry[] | null>;
  begin(showId: number): Promise<ShowTransaction>;
}

/** The data that a transaction reads as soon as it has the lock. */
export interface LockedShow {
  /** Milliseconds since 1970 by the database's clock. */
  readonly now: number;
  /**
   * The commits of other nodes after the lane's position, oldest first; null if the log does not contain the position.
   */
  readonly missed: readonly LogEntry[] | null;
}

/** One transaction on one show. Exactly one call of {@link commit} or {@link rollback} ends it. */
export interface ShowTransaction {
  /** @throws LockTimeoutError */
  lock(position: LogPosition): Promise<LockedShow>;
  /**
   * @throws StateMismatchError if the rows differ from the lane's state
   * @throws HallTakenError if another show takes place in the hall at the new time
   */
  write(commit: ShowCommit): Promise<void>;
  /** @throws CommitInDoubtError if the commit was not confirmed, so that it may or may not have happened */
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** Another transaction kept the show's lock for longer than the time limit. Nothing was written. */
export class LockTimeoutError extends Error {
  override readonly name = 'LockTimeoutError';
}

/** The tables differ from the lane's state, so the lane must read the tables again. Nothing was written. */
export class StateMismatchError extends Error {
  override readonly name: string = 'StateMismatchError';
}

/** The lane is so far behind that reading the tables is faster than reading the log. */
export class TooFarBehindError extends StateMismatchError {
  override readonly name = 'TooFarBehindError';
}

/**
 * The log does not contain the last commit in the lane's memory. The database was restored to an older state, or
 * another installation with a copy of this database announced commits on the same Redis.
 */
export class OtherHistoryError extends StateMismatchError {
  override readonly name = 'OtherHistoryError';
}

/** The show cannot move, because another show takes place in the hall at that time. Nothing was written. */
export class HallTakenError extends Error {
  override readonly name = 'HallTakenError';
}

/** A commit was not confirmed, for example because the connection broke. Only the log shows whether it happened. */
export class CommitInDoubtError extends Error {
  override readonly name = 'CommitInDoubtError';
}
