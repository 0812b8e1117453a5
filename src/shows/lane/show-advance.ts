import type { SeatStatus } from '@usher/contract';
import type { BookingRecord } from '../core/model/booking-record.js';
import type { LineChange, TermsChange } from '../core/log/show-change.js';
import type { AnnouncedCommit } from '../core/log/log-entry.js';

/** The connection that sent a command. It receives the answer, so it needs no event about the same change. */
export interface Origin {
  readonly socketId: string;
}

/**
 * The origins of the commands of a batch. The map's key is the booking id for a `reserve` command, and the session id
 * for a command that may join a line. Origins stay on this node: neither the log nor a table contains them.
 */
export type Origins = ReadonlyMap<string, Origin>;

export const noOrigins: Origins = new Map();

/**
 * Describes how the state of a lane changed. The change comes from a commit of this node or from commits of other
 * nodes.
 */
export interface ShowAdvance {
  readonly showId: number;
  /** The `seq` of the last log entry that the state contains. */
  readonly seq: number;
  /** The commit that this node made. Null if the change comes from commits of other nodes. */
  readonly committed: AnnouncedCommit | null;
  /**
   * True if the lane discarded its state and read the tables, because the tables contain a different history. All
   * versions that viewers received before are then invalid, and viewers need the current snapshot.
   */
  readonly isReset: boolean;
  /** The version before the change. It is the last one that viewers received. */
  readonly from: number;
  readonly version: number;
  /** The new status of each seat that changed after {@link from}. */
  readonly statuses: ReadonlyMap<number, SeatStatus>;
  /** The bookings that changed, with their new state, in the order of the changes. */
  readonly bookings: readonly BookingRecord[];
  /** For each of the {@link bookings}, the time of the commit that changed it, in ms since 1970. */
  readonly bookingTimes: readonly number[];
  /**
   * The changes to the lines and the stays, in order. Null if they are unknown. Listeners must then read all lines and
   * stays again.
   */
  readonly lineChanges: readonly LineChange[] | null;
  /** The changes to the show's terms, in order, each with the time of its commit. */
  readonly noticed: readonly { readonly at: number; readonly change: TermsChange }[];
  readonly origins: Origins;
}
