import { type SeatChange, SeatStatus, seatStatusNames } from '@usher/contract';
import type { Administered } from '../model/actor.js';
import type { BookingRecord } from '../model/booking-record.js';
import type { LineChange } from '../model/waiter.js';
import type { PaymentChange } from '../model/payment-change.js';
import type { ChangeableTerms, PlannedTerms, SaleTerms } from '../model/show-terms.js';

/** One thing that happened to a show. Entries of the log hold these; folding them gives the show. */
export type ShowChange =
  | { readonly type: 'reserved'; readonly booking: BookingRecord }
  | {
      readonly type: 'ended';
      readonly bookingId: string;
      readonly status: 'expired' | 'released';
      /** Repeated from the booking, so that a diff can be told from the log alone. */
      readonly seats: readonly number[];
    }
  /** Seats that were free are not for sale. */
  | ({ readonly type: 'blocked'; readonly seats: readonly number[] } & Administered)
  /** Seats that were blocked are for sale again. */
  | ({ readonly type: 'unblocked'; readonly seats: readonly number[] } & Administered)
  | CalledOff
  | TermsChanged
  | PaymentChange
  | LineChange;

/** Nothing of the show is sold any longer, whatever its catalog entry says. */
export interface CalledOff extends Administered {
  readonly type: 'calledOff';
  /** As in {@link TermsChanged}. */
  readonly termsVersion?: number;
}

/** The show has these terms from now on: all that may change, so that the last change says everything. */
export interface TermsChanged extends Administered {
  readonly type: 'termsChanged';
  /** Entries of earlier releases have no plan, which did not change through the log then. */
  readonly terms: SaleTerms & Partial<PlannedTerms>;
  /** The values before, of the fields that changed. Absent in entries of earlier releases. */
  readonly before?: Partial<ChangeableTerms>;
  /** The show's number of changes after this one. Absent in entries of earlier releases. */
  readonly termsVersion?: number;
}

/** A change of the show's terms: what buyers with an open page and partners are told of. */
export type NoticedChange = CalledOff | TermsChanged;

/** A change that gives some seats another status. */
export type SeatsTouched = Extract<
  ShowChange,
  { type: 'reserved' | 'ended' | 'booked' | 'refunded' | 'blocked' | 'unblocked' }
>;

type Types = ReadonlySet<ShowChange['type']>;
const seatTypes: Types = new Set(['reserved', 'ended', 'booked', 'refunded', 'blocked', 'unblocked']);
const paymentTypes: Types = new Set(['paying', 'marked', 'booked', 'refunded', 'returned']);
const showTypes: Types = new Set(['calledOff', 'termsChanged']);

export const touchesSeats = (change: ShowChange): change is SeatsTouched => seatTypes.has(change.type);

/** A change that paying made; some of them touch seats as well. */
export const isPaymentChange = (change: ShowChange): change is PaymentChange => paymentTypes.has(change.type);

export const isNoticedChange = (change: ShowChange): change is NoticedChange => showTypes.has(change.type);

export const isLineChange = (change: ShowChange): change is LineChange =>
  ![seatTypes, paymentTypes, showTypes].some((types) => types.has(change.type));

/** The seats that a change touches, what each is after it, and the booking that has them then. */
export function seatsAfter(change: SeatsTouched): {
  readonly seats: readonly number[];
  readonly status: SeatStatus;
  readonly bookingId: string | null;
} {
  switch (change.type) {
    case 'reserved': {
      const { seats, bookingId } = change.booking;
      return { seats, status: SeatStatus.held, bookingId };
    }
    case 'booked': {
      const { seats, bookingId } = change.booking;
      return { seats, status: SeatStatus.sold, bookingId };
    }
    case 'blocked':
      return { seats: change.seats, status: SeatStatus.blocked, bookingId: null };
    case 'ended':
    case 'refunded':
    case 'unblocked':
      return { seats: change.seats, status: SeatStatus.free, bookingId: null };
  }
}

/**
 * A place in a show's log. `seq` counts the commits. `commitId` is a random number that the commit got, and 0 before the
 * first commit. Two histories of one show, such as a database and its copy, can have the same `seq`. They cannot have the
 * same `commitId`.
 */
export interface LogPosition {
  readonly seq: number;
  readonly commitId: number;
}

export const isSamePosition = (a: LogPosition, b: LogPosition): boolean => a.seq === b.seq && a.commitId === b.commitId;

/** One commit: a row of `show_log`. `seq` counts every commit, `version` those that changed a seat. */
export interface LogEntry extends LogPosition {
  readonly version: number;
  /** Milliseconds since 1970 by the database's clock. */
  readonly at: number;
  readonly changes: readonly ShowChange[];
}

/** A commit as a node announces it to the others. */
export interface AnnouncedCommit extends LogEntry {
  /** The commit that it follows: a node applies it unread only if this is the last commit in its memory. */
  readonly previousCommitId: number;
}

/** The log's next entry after a state: `seq` grows with every commit, `version` with those that touch a seat. */
export const nextEntry = (
  { seq, version, commitId: previousCommitId }: Pick<LogEntry, 'seq' | 'version' | 'commitId'>,
  changes: readonly ShowChange[],
  at: number,
  commitId: number,
): AnnouncedCommit => ({
  seq: seq + 1,
  version: changes.some(touchesSeats) ? version + 1 : version,
  at,
  changes,
  commitId,
  previousCommitId,
});

/** The status that each touched seat has after the changes, the last one winning. */
export function seatStatuses(changes: readonly ShowChange[]): Map<number, SeatStatus> {
  const statuses = new Map<number, SeatStatus>();
  for (const change of changes) {
    if (!touchesSeats(change)) continue;
    const { seats, status } = seatsAfter(change);
    for (const seat of seats) statuses.set(seat, status);
  }
  return statuses;
}

/** The seats whose status differs between two states of a hall, with the later one's status. */
export function differingStatuses(earlier: Uint8Array, later: Uint8Array): Map<number, SeatStatus> {
  const statuses = new Map<number, SeatStatus>();
  for (const [seat, status] of later.entries()) {
    const name = seatStatusNames[status];
    if (name && status !== earlier[seat]) statuses.set(seat, SeatStatus[name]);
  }
  return statuses;
}

/** Seats' statuses in the wire's form: seats by status, without the statuses that have none. */
export function toSeatChange(version: number, statuses: ReadonlyMap<number, SeatStatus>): SeatChange {
  const change: SeatChange = { version };
  for (const [seat, status] of statuses) {
    (change[seatStatusNames[status]] ??= []).push(seat);
  }
  return change;
}
