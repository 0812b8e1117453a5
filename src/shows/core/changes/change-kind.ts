import type { ChainLink } from '../line/chain.js';
import type { BookingRecord } from '../model/booking-record.js';
import type { ShowTerms } from '../model/show-terms.js';
import type { CommitRows } from '../rows/commit-rows.js';
import type { EditableShow, SeatAssignment } from '../state/editable-show.js';

/** The time of a change's commit, and the show's version after that commit. */
export interface ChangeMoment {
  /** Milliseconds since 1970 by the database's clock. */
  readonly at: number;
  readonly version: number;
}

/**
 * Defines how the core handles one kind of change. Each kind has one file in this folder.
 *
 * @typeParam Stored the form in which `show_log` stores the change
 */
export interface ChangeKind<Change, Stored = Change> {
  /**
   * Returns the seats whose status the change sets, or null if there are none. {@link ChangeKind.apply} does not change
   * these seats.
   */
  seats(change: Change): SeatAssignment | null;
  /**
   * Applies the change to a show, except for its seats. Returns the booking that the change makes or changes, or null.
   */
  apply(show: EditableShow, change: Change, moment: ChangeMoment): BookingRecord | null;
  /** Returns the entry that the change adds to the hash chain of a line, or null. */
  chainLink(change: Change): ChainLink | null;
  /** Adds to `rows` what the change writes to the tables, except for its seats and its chain link. */
  addRows(rows: CommitRows, change: Change, moment: ChangeMoment): void;
  /**
   * Returns the form in which `show_log` stores the change. Nodes of the previous release must be able to read that
   * form.
   */
  toStored(change: Change): Stored;
  /** Reads the stored form, including the form that earlier releases wrote. */
  fromStored(stored: Stored, moment: ChangeMoment): Change;
}

/** A kind of change that modifies the show's terms. */
export interface TermsChangeKind<Change> extends ChangeKind<Change> {
  termsAfter(terms: ShowTerms, change: Change): ShowTerms;
}

/** For kinds of change that do not set the status of any seat. */
export const noSeats = (): null => null;

/** For kinds of change that add nothing to the hash chain of a line. */
export const noChainLink = (): null => null;

/** The stored form of a value with a line ticket. In `show_log`, the line ticket is named `ticket`. */
export type StoredWithTicket<Value extends { readonly lineTicket: number | null }> = Omit<Value, 'lineTicket'> & {
  readonly ticket: Value['lineTicket'];
};

/** For kinds of change that `show_log` stores in the form that the core uses. */
export const storedAsIs = {
  toStored: <Change>(change: Change): Change => change,
  fromStored: <Change>(stored: Change): Change => stored,
};
