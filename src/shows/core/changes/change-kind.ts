import type { ChainLink } from '../line/chain.js';
import type { BookingRecord } from '../model/booking-record.js';
import type { ShowTerms } from '../model/show-terms.js';
import type { CommitRows } from '../rows/commit-rows.js';
import type { EditableShow, SeatAssignment } from '../state/editable-show.js';

/** When a change happens: the time of its commit, and the show's version after the commit. */
export interface ChangeMoment {
  /** Milliseconds since 1970 by the database's clock. */
  readonly at: number;
  readonly version: number;
}

/**
 * Defines everything that a kind of change means to the core. Each kind has one file in this folder.
 *
 * @typeParam Stored the change as a row of `show_log` has it
 */
export interface ChangeKind<Change, Stored = Change> {
  /** Returns the seats to which the change gives a status, or null. {@link ChangeKind.apply} leaves them alone. */
  seats(change: Change): SeatAssignment | null;
  /** Applies the change to a show, except for its seats. Returns the booking that it makes or changes, or null. */
  apply(show: EditableShow, change: Change, moment: ChangeMoment): BookingRecord | null;
  /** Returns the entry that the change adds to the hash chain of a line, or null. */
  chainLink(change: Change): ChainLink | null;
  /** Adds the rows that the change writes to the tables, except for the rows of its seats and of its chain link. */
  addRows(rows: CommitRows, change: Change, moment: ChangeMoment): void;
  /** Returns the form in which `show_log` stores the change. Nodes of the previous release must understand the form. */
  toStored(change: Change): Stored;
  /** Reads the stored form, including the form that earlier releases wrote. */
  fromStored(stored: Stored, moment: ChangeMoment): Change;
}

/** A kind of change that modifies the show's terms. */
export interface TermsChangeKind<Change> extends ChangeKind<Change> {
  termsAfter(terms: ShowTerms, change: Change): ShowTerms;
}

/** For kinds that give no seat a status. */
export const noSeats = (): null => null;

/** For kinds that add nothing to the chain of a line. */
export const noChainLink = (): null => null;

/** The stored form of a value with a line ticket. In `show_log`, the line ticket has the name `ticket`. */
export type StoredWithTicket<Value extends { readonly lineTicket: number | null }> = Omit<Value, 'lineTicket'> & {
  readonly ticket: Value['lineTicket'];
};

/** For kinds that `show_log` stores exactly as the core knows them. */
export const storedAsIs = {
  toStored: <Change>(change: Change): Change => change,
  fromStored: <Change>(stored: Change): Change => stored,
};
