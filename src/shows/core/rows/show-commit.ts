import type { BookingPayment, ChainKind, LineName, QueueExpiredReason, SeatCounts } from '@usher/contract';
import type { BookingRecord, UsedKey } from '../model/booking-record.js';
import type { KeyedPlace } from '../model/keyed-place.js';
import type { RefundDue } from '../model/refund-due.js';
import type { LoggedTerms, PlannedTerms } from '../model/show-terms.js';
import type { Stay, Waiter } from '../model/waiter.js';

/** The rows that one commit writes. */
export interface CommitTables {
  /** New bookings. A booking that the same commit also ends is inserted as ended. */
  readonly added: readonly BookingRecord[];
  /** Bookings from earlier commits whose holds end unpaid in this one. */
  readonly ended: readonly { readonly bookingId: string; readonly status: 'expired' | 'released' }[];
  readonly seats: SeatRowChanges;
  /** The number of seats with each status after the commit. */
  readonly counts: SeatCounts;
  /** The changes to the show's catalog entry; null if there are none, as in most commits. */
  readonly catalog: CatalogCommit | null;
  /** The changes to the lines and to the stays; null if there are none, as in most commits. */
  readonly lines: LinesCommit | null;
  /** The changes that payments make; null if there are none, as in most commits. */
  readonly payments: PaymentsCommit | null;
}

/** The changes that one commit makes to the show's catalog entry. */
export interface CatalogCommit {
  readonly termsVersion: number;
  /** Null if the terms do not change. */
  readonly terms: LoggedTerms | null;
  /** Null if the show keeps its movie, hall and times. */
  readonly planned: PlannedTerms | null;
  /** Null if this commit does not call the show off. */
  readonly calledOff: { readonly reason: string | null } | null;
}

/** The changes that one commit makes to bookings with a payment, and to the refunds. */
export interface PaymentsCommit {
  /** The bookings in which more than the payment changed, in their form after the commit. */
  readonly updated: readonly BookingRecord[];
  /** The bookings that hold no seats and in which only the payment changed. */
  readonly marked: readonly { readonly bookingId: string; readonly payment: Readonly<BookingPayment> }[];
  /** New refunds. They are written together with the seats. A worker sends the money later. */
  readonly refunds: readonly RefundDue[];
}

/** The changes that one commit makes to the rows of the lines and stays. */
export interface LinesCommit {
  /** The lines whose hash chain has new entries, in their form after the commit. */
  readonly changed: readonly LineRow[];
  readonly events: readonly LineEventRow[];
  /** New waiters. A waiter whose wait ends in the same commit has an outcome, and `waits` is false. */
  readonly joined: readonly (Waiter & { readonly waits: boolean; readonly outcome: WaitOutcome | null })[];
  /** The line tickets of the line for seats that waited before the commit and pass the challenge in it. */
  readonly passedWaits: readonly number[];
  /** Waits that began in an earlier commit and end in this one. */
  readonly endedWaits: readonly EndedWait[];
  /**
   * Waits that ended in an earlier commit. They get a new outcome in this one, because an offer or an admission lapsed.
   */
  readonly lapsedWaits: readonly EndedWait[];
  /** The idempotency keys of requests to join a line. */
  readonly keys: readonly LineKeyRow[];
  /** New stays. If the same commit also ends a stay, its `isInside` is false. */
  readonly newStays: readonly (Stay & { readonly isInside: boolean })[];
  /** The sessions whose stay began in an earlier commit and ends in this one. */
  readonly endedStays: readonly string[];
  /** Messages for sessions that may have closed the page. */
  readonly pushes: readonly PushRow[];
  /** Whether the show is called off, by this commit or an earlier one. */
  readonly calledOff: boolean;
  /** When the next time-driven change to the lines is due, in ms since 1970; null if there is none. */
  readonly dueAt: number | null;
}

/** How a wait in a line ended. */
export type WaitOutcome = 'offered' | 'admitted' | 'left' | QueueExpiredReason;

/** A wait that is over. */
export interface EndedWait {
  readonly line: LineName;
  readonly lineTicket: number;
  readonly outcome: WaitOutcome;
}

/** A row of `line_key`. Its time is the time of the commit. */
export interface LineKeyRow extends KeyedPlace {
  readonly sessionId: string;
  readonly usedKey: UsedKey;
}

/** A row of `show_line`. */
export interface LineRow {
  readonly line: LineName;
  /** The last line ticket that was given out. */
  readonly lastTicket: number;
  readonly version: number;
  readonly hash: string;
  readonly lobbySize: number | null;
}

/** A row of `line_event`. Its time is the time of the commit. */
export interface LineEventRow {
  readonly line: LineName;
  readonly n: number;
  readonly kind: ChainKind;
  /** The line ticket; null for a shuffle. */
  readonly lineTicket: number | null;
  readonly hash: string;
}

/** A push message. The store inserts one row of `push_message` for each subscription of the session. */
export interface PushRow {
  readonly type: 'queue:offer' | 'queue:admitted';
  readonly sessionId: string;
  readonly bookingId: string | null;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** The changes to the rows of `show_seat`. Each seat is in at most one of the three lists. */
export interface SeatRowChanges {
  /** Seats that had no row. A plain insert writes them, so that the primary key refuses a seat that is taken twice. */
  readonly inserted: readonly SeatRow[];
  /** Seats that had a row and keep one. */
  readonly updated: readonly SeatRow[];
  /** Seats that had a row and are free now. */
  readonly deleted: readonly number[];
}

/** A row of `show_seat`. */
export interface SeatRow {
  readonly seat: number;
  readonly status: number;
  readonly bookingId: string | null;
}
