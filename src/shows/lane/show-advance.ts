import type { SeatStatus } from '@usher/contract';
import type { BookingRecord } from '../core/model/booking-record.js';
import type { LineChange, TermsChange } from '../core/log/show-change.js';
import type { AnnouncedCommit } from '../core/log/log-entry.js';

/** The connection that sent a command. It receives the answer, so it needs no event about the same change. */
export interface Origin {
  readonly socketId: string;
}

/**
 * Origins of the commands of a batch. The key of a `reserve` command is its booking id. The key of a command that may
 * join a line is its session id. Origins stay on this node: neither the log nor a table contains them.
 */
export type Origins = ReadonlyMap<string, Origin>;

export const noOrigins: Origins = new Map();

/** Describes how the state of a lane changed, by commits of this node or by commits of other nodes that the lane read. */
export interface ShowAdvance {
  readonly showId: number;
  /** The `seq` of the last log entry that the state contains. */
  readonly seq: number;
  /** The commit that this node made. Null if the lane read commits of other nodes. */
  readonly committed: AnnouncedCommit | null;
  /**
   * True if the lane discarded its state and read the tables, because they contain another history. All versions that
   * viewers received before are then void. They need the current snapshot.
   */
  readonly isReset: boolean;
  /** The version before the change, which viewers received last. */
  readonly from: number;
  readonly version: number;
  /** The new status of each seat that changed after {@link from}. */
  readonly statuses: ReadonlyMap<number, SeatStatus>;
  /** The bookings that changed, with their new state, in the order of the changes. */
  readonly bookings: readonly BookingRecord[];
  /** What happened to the lines and the stays, in order. Null if that is unknown, so listeners must read all of it again. */
  readonly lineChanges: readonly LineChange[] | null;
  /** Changes of the show's terms in order, with the time of their commit. */
  readonly noticed: readonly { readonly at: number; readonly change: TermsChange }[];
  readonly origins: Origins;
}
