import { isDeepStrictEqual } from 'node:util';
import { encodeSeats, type SeatChange } from '@usher/contract';
import type { BookingRecord } from '../core/model/booking-record.js';
import type { ShowTerms } from '../core/model/show-terms.js';
import { applyEntry } from '../core/log/apply-entry.js';
import { isLineChange, isTermsChange } from '../core/log/change-kinds.js';
import type { AnnouncedCommit, LogEntry } from '../core/log/log-entry.js';
import { differingStatuses, seatStatuses, toSeatChange } from '../core/log/seat-diff.js';
import { termsAfterChange } from '../core/log/terms-after.js';
import { ShowState } from '../core/state/show-state.js';
import type { StoredShow } from '../core/state/stored-show.js';
import { StateMismatchError } from '../store/show-store.js';
import { noOrigins, type Origins, type ShowAdvance } from './show-advance.js';

/** Maximum number of versions whose seat changes are kept for `show:sync`. */
const recentVersionsMax = 256;

/** All seats of a show in the form that clients read. */
export interface EncodedSeats {
  readonly version: number;
  readonly seatCount: number;
  readonly seats: string;
}

/** Keeps the state and the terms of one show in memory, applies new log entries to them, and reports each change. */
export class ShowMemory {
  private recentChanges: SeatChange[] = [];
  private encodedSeats: EncodedSeats | null = null;
  private currentState: ShowState;

  /** @param onAdvance called after each change; must not throw */
  constructor(
    private currentTerms: ShowTerms,
    stored: StoredShow,
    private readonly onAdvance: (advance: ShowAdvance) => void,
  ) {
    this.currentState = new ShowState(currentTerms.layout.seatCount, stored);
  }

  /** The terms after the last known commit. */
  get terms(): ShowTerms {
    return this.currentTerms;
  }

  /** The state after the last known commit. Callers must read it at once and must not keep it. */
  get state(): ShowState {
    return this.currentState;
  }

  /** Returns the seat changes after a version, oldest first. Returns null if memory no longer has all of them. */
  changesSince(version: number): SeatChange[] | null {
    if (version >= this.state.version) return [];
    const oldest = this.recentChanges[0];
    if (!oldest || version < oldest.version - 1) return null;
    return this.recentChanges.filter((change) => change.version > version);
  }

  /** Returns all seats. Encodes them at most once per version. */
  snapshot(): EncodedSeats {
    const { version, seats } = this.state;
    if (this.encodedSeats?.version !== version) {
      this.encodedSeats = { version, seatCount: seats.length, seats: encodeSeats(seats) };
    }
    return this.encodedSeats;
  }

  /**
   * Applies log entries to the state.
   *
   * @param committed the entry, if this node made it
   * @throws StateMismatchError if an entry does not fit. The state then contains a part of the entry and is unusable.
   */
  advance(entries: readonly LogEntry[], committed: AnnouncedCommit | null = null, origins: Origins = noOrigins): void {
    if (entries.length === 0) return;
    const from = this.state.version;
    const termsBefore = this.terms;
    const bookings: BookingRecord[] = [];
    const bookingTimes: number[] = [];
    for (const entry of entries) {
      for (const booking of this.fold(entry)) {
        bookings.push(booking);
        bookingTimes.push(entry.at);
      }
      // A commit that changes only lines has no new version of the seats.
      const isNewVersion = entry.version !== (this.recentChanges.at(-1)?.version ?? from);
      if (isNewVersion) this.recentChanges.push(toSeatChange(entry.version, seatStatuses(entry.changes)));
    }
    const surplus = this.recentChanges.length - recentVersionsMax;
    if (surplus > 0) this.recentChanges.splice(0, surplus);
    const changes = entries.flatMap((entry) => entry.changes);
    const noticed = entries.flatMap(({ at, changes: ofEntry }) =>
      ofEntry.filter(isTermsChange).map((change) => ({ at, change })),
    );
    this.report({
      committed,
      isReset: false,
      from,
      statuses: seatStatuses(changes),
      bookings,
      bookingTimes,
      lineChanges: changes.filter(isLineChange),
      noticed,
      origins,
    });
    // With new rules of entry, the sessions that may see the show and the sessions that must wait are no longer the
    // same.
    if (isEntryDifferent(termsBefore, this.terms)) this.reportUnknownLines(this.state.version, false, new Map());
  }

  /**
   * Replaces the state with the contents of the tables.
   *
   * @param isReset false if the old state was correct but out of date, so that viewers need only the changes
   */
  replace(stored: StoredShow, terms: ShowTerms, isReset: boolean): void {
    const { version: from, seats: before } = this.state;
    this.currentTerms = terms;
    this.currentState = new ShowState(terms.layout.seatCount, stored);
    this.recentChanges = [];
    this.encodedSeats = null;
    this.reportUnknownLines(from, isReset, differingStatuses(before, this.state.seats));
  }

  /** Applies one entry to the state and the terms. @returns the bookings that the entry changes */
  private fold(entry: LogEntry): BookingRecord[] {
    try {
      const bookings = applyEntry(this.state, entry);
      for (const change of entry.changes) {
        if (isTermsChange(change)) this.currentTerms = termsAfterChange(this.currentTerms, change);
      }
      return bookings;
    } catch (cause) {
      throw new StateMismatchError(`log entry ${entry.seq} does not fit the state`, { cause });
    }
  }

  /** Reports a change whose effect on the lines is unknown. */
  private reportUnknownLines(from: number, isReset: boolean, statuses: ShowAdvance['statuses']): void {
    const nothing = { committed: null, bookings: [], bookingTimes: [], noticed: [], origins: noOrigins };
    this.report({ ...nothing, isReset, from, statuses, lineChanges: null });
  }

  private report(advance: Omit<ShowAdvance, 'showId' | 'seq' | 'version'>): void {
    const { seq, version } = this.state;
    this.onAdvance({ showId: this.terms.showId, seq, version, ...advance });
  }
}

/** Returns true if new terms may change which sessions are let into the show. */
const isEntryDifferent = (before: ShowTerms, after: ShowTerms): boolean =>
  !isDeepStrictEqual(before.waitingRoom, after.waitingRoom) ||
  (after.waitingRoom !== null && before.saleOpensAt !== after.saleOpensAt);
