import { type SeatCounts, SeatStatus } from '@usher/contract';
import type { ChainKind, LineName, QueueExpiredReason } from '@usher/contract';
import type { BookingRecord, UsedKey } from '../core/model/booking-record.js';
import type { KeyedPlace } from '../core/model/keyed-place.js';
import type { Shopper, Waiter } from '../core/model/waiter.js';
import {
  type LogEntry,
  type LogPosition,
  seatsAfter,
  type ShowChange,
  touchesSeats,
} from '../core/changes/show-log.js';
import type { StoredShow } from '../core/state/show-state.js';
import type { PaymentsCommit } from './payments-commit.js';
import type { PlannedTerms, SaleTerms } from '../core/model/show-terms.js';

/**
 * Where shows are kept: PostgreSQL in the service, a simulated one in the simulator.
 *
 * Rules of the lock, which only a lane takes, and only through {@link begin}:
 * 1. Every change of a show is made by a transaction that holds the lock of its ledger row. The only other row that it may
 *    wait for is the show's catalog entry, and nobody who has that one waits for a ledger.
 * 2. The lock is the transaction's first statement; time and missed log entries are read after it, never before.
 * 3. Waiting is bounded: {@link LockTimeoutError} when the lock is not had in time.
 * 4. A transaction writes one commit and ends; nothing else runs in it.
 */
export interface ShowStore {
  /** The show as the tables have it at one moment, without the lock; null when there is no such show. */
  load(showId: number): Promise<StoredShow | null>;
  /** Log entries after a position, oldest first, without the lock; null when the log does not contain that position. */
  entriesAfter(showId: number, position: LogPosition): Promise<LogEntry[] | null>;
  begin(showId: number): Promise<ShowTransaction>;
}

/** The show at the moment its lock was had. */
export interface LockedShow {
  /** Milliseconds since 1970 by the database's clock, read after the lock was had. */
  readonly now: number;
  /** What others committed after the lane's position, oldest first; null when the log does not contain that position. */
  readonly missed: readonly LogEntry[] | null;
}

/** One transaction on one show. Exactly one of {@link commit} and {@link rollback} ends it. */
export interface ShowTransaction {
  /** @throws LockTimeoutError */
  lock(position: LogPosition): Promise<LockedShow>;
  /**
   * @throws StateMismatchError when the rows are not as the lane's state says
   * @throws HallTakenError when the show would move into the time of another show of its hall
   */
  write(commit: ShowCommit): Promise<void>;
  /** @throws CommitInDoubtError when the connection broke before the answer: it may have happened or not */
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** One commit as the tables need it: the log entry, and what it does to the rows. */
export interface ShowCommit {
  readonly showId: number;
  readonly entry: LogEntry;
  readonly added: readonly BookingRecord[];
  readonly ended: readonly { readonly bookingId: string; readonly status: 'expired' | 'released' }[];
  readonly seats: SeatRowChanges;
  /** Seats by status after the commit. */
  readonly counts: SeatCounts;
  /** What changes of the show's catalog entry; null: nothing, as with most commits. */
  readonly catalog: CatalogCommit | null;
  /** Null: nothing happened to the lines or to those inside, as with most commits. */
  readonly lines: LinesCommit | null;
  /** Null: nobody paid and nothing was refunded, as with most commits. */
  readonly payments: PaymentsCommit | null;
}

/** What one commit does to the show's catalog entry. */
export interface CatalogCommit {
  readonly termsVersion: number;
  /** Null: they stay. */
  readonly terms: SaleTerms | null;
  /** Null: the show did not move. */
  readonly planned: PlannedTerms | null;
  /** Null: the show is not called off by this commit. */
  readonly calledOff: { readonly reason: string | null } | null;
}

/** What one commit does to the rows of the lines. */
export interface LinesCommit {
  /** The lines to which something happened, as they are after it. */
  readonly changed: readonly LineRow[];
  readonly events: readonly LineEventRow[];
  /** New tickets; a waiter that is gone again within the commit does not wait, and has an outcome. */
  readonly joined: readonly (Waiter & { readonly waits: boolean; readonly outcome: WaitOutcome | null })[];
  /** Waiters that waited before and do not any longer. */
  readonly gone: readonly EndedWait[];
  /** Waits that ended in an earlier commit and have another outcome now: an offer or an admission lapsed. */
  readonly lapsed: readonly EndedWait[];
  /** Idempotency keys that joins came with. */
  readonly keys: readonly LineKeyRow[];
  readonly entered: readonly (Shopper & { readonly isInside: boolean })[];
  /** Sessions that were inside before and are not any longer, or are anew. */
  readonly ended: readonly string[];
  /** What is told to those who closed the page. */
  readonly pushes: readonly PushRow[];
  readonly calledOff: boolean;
  /** When time alone gives the lines something to do next, in ms since 1970; null: never. */
  readonly dueAt: number | null;
}

/** What became of one ticket of a line. */
export type WaitOutcome = 'offered' | 'admitted' | 'left' | QueueExpiredReason;

/** A ticket whose wait is over. */
export interface EndedWait {
  readonly line: LineName;
  readonly ticket: number;
  readonly outcome: WaitOutcome;
}

/** A row of `line_key`; its time is the commit's. */
export interface LineKeyRow extends KeyedPlace {
  readonly sessionId: string;
  readonly usedKey: UsedKey;
}

/** A row of `show_line`. */
export interface LineRow {
  readonly line: LineName;
  readonly lastTicket: number;
  readonly version: number;
  readonly hash: string;
  readonly lobbySize: number | null;
}

/** A row of `line_event`; its time is the commit's. */
export interface LineEventRow {
  readonly line: LineName;
  readonly n: number;
  readonly kind: ChainKind;
  readonly ticket: number | null;
  readonly hash: string;
}

/** What becomes a row of `push_message` for each subscription of the session. */
export interface PushRow {
  readonly type: 'queue:offer' | 'queue:admitted';
  readonly sessionId: string;
  readonly bookingId: string | null;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What happens to the rows of `show_seat`. A seat is in one of the three at most. */
export interface SeatRowChanges {
  /** No row before, a row after: a plain insert, so that the primary key refuses a seat taken twice. */
  readonly inserted: readonly SeatRow[];
  /** A row before and after. */
  readonly updated: readonly SeatRow[];
  /** A row before, none after. */
  readonly deleted: readonly number[];
}

/** A row of `show_seat`. */
export interface SeatRow {
  readonly seat: number;
  readonly status: number;
  readonly bookingId: string | null;
}

/** What one commit does to the rows of `show_seat`, from the statuses before it. */
export function seatRowChanges(before: Uint8Array, changes: readonly ShowChange[]): SeatRowChanges {
  const after = new Map<number, SeatRow | null>();
  for (const change of changes.filter(touchesSeats)) {
    const { seats, status, bookingId } = seatsAfter(change);
    for (const seat of seats) after.set(seat, status === SeatStatus.free ? null : { seat, status, bookingId });
  }
  const rows = { inserted: [] as SeatRow[], updated: [] as SeatRow[], deleted: [] as number[] };
  for (const [seat, row] of after) {
    const hadRow = before[seat] !== SeatStatus.free;
    if (row) (hadRow ? rows.updated : rows.inserted).push(row);
    else if (hadRow) rows.deleted.push(seat);
  }
  return rows;
}

/** The show stayed locked past the time limit: nothing was done. */
export class LockTimeoutError extends Error {
  override readonly name = 'LockTimeoutError';
}

/** The tables are not as the lane's state says: it must be read again. Nothing was done. */
export class StateMismatchError extends Error {
  override readonly name: string = 'StateMismatchError';
}

/** The lane is so far behind that reading the tables is quicker than reading the log. */
export class TooFarBehindError extends StateMismatchError {
  override readonly name = 'TooFarBehindError';
}

/**
 * The log does not contain the last commit of the lane's memory. The database was restored to an older state, or another
 * installation with a copy of this database announced commits on the same Redis.
 */
export class OtherHistoryError extends StateMismatchError {
  override readonly name = 'OtherHistoryError';
}

/** The show cannot move: its hall has another show at that time. Nothing was done. */
export class HallTakenError extends Error {
  override readonly name = 'HallTakenError';
}

/** The connection broke while a commit was under way: only the log can tell whether it happened. */
export class CommitInDoubtError extends Error {
  override readonly name = 'CommitInDoubtError';
}
