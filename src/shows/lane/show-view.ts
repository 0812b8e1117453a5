import type { LineName, SeatChange, SeatCounts } from '@usher/contract';
import type { BookingRecord } from '../core/model/booking-record.js';
import { canChallengeForSeats } from '../core/draft/budget-refusals.js';
import { hasLineWork, isMetered, maySee } from '../core/waiting/entry-line.js';
import type { LineMoment } from '../core/model/keyed-place.js';
import { isLobby, isShuffleDue } from '../core/waiting/lobby.js';
import { lineWorkAt } from '../core/waiting/lines-due.js';
import type { Line } from '../core/line/line.js';
import { momentOf, type PlaceInLine, placeInLine, type Reach, reachOf } from '../core/waiting/place-in-line.js';
import type { Stay, Waiter } from '../core/model/waiter.js';
import type { LogPosition } from '../core/log/log-entry.js';
import type { ShowTerms } from '../core/model/show-terms.js';
import type { EncodedSeats, ShowMemory } from './show-memory.js';

/** The state of one line at one moment, as its waiters receive it. */
export interface LineStatus extends Pick<Line, 'version' | 'head' | 'waiting' | 'lastPlace'> {
  readonly secondsPerPlace: ReturnType<Line['pace']['perPlace']>;
  readonly reach: Reach;
}

/**
 * Answers questions about one show from the memory of this node. The answers are values, so features never see the
 * state, which the lane changes in place. In all methods, `now` is an estimate of the database's clock in ms since
 * 1970.
 */
export class ShowView {
  constructor(protected readonly memory: ShowMemory) {}

  get showId(): number {
    return this.memory.terms.showId;
  }

  /** The terms after the last commit that this node knows. */
  get terms(): ShowTerms {
    return this.memory.terms;
  }

  /** The last commit that this node knows. */
  get position(): LogPosition {
    const { seq, commitId } = this.memory.state;
    return { seq, commitId };
  }

  get seq(): number {
    return this.memory.state.seq;
  }

  /** The version of the seats. */
  get version(): number {
    return this.memory.state.version;
  }

  /** Counts the seats by status. */
  countSeats(): SeatCounts {
    return { ...this.memory.state.counts };
  }

  /** Returns all seats. */
  snapshot(): EncodedSeats {
    return this.memory.snapshot();
  }

  /** Returns the seat changes after a version, oldest first. Returns null if memory no longer has all of them. */
  changesSince(version: number): SeatChange[] | null {
    return this.memory.changesSince(version);
  }

  /** Returns the session's bookings that hold seats, oldest first. */
  bookingsOf(sessionId: string): BookingRecord[] {
    return this.memory.state.liveBookingsOf(sessionId);
  }

  /** Returns the session's place in one of the lines, or null. */
  waiterOf(sessionId: string): Waiter | null {
    return this.memory.state.waitersBySession.get(sessionId) ?? null;
  }

  /** Returns the session's stay, or null. */
  stayOf(sessionId: string): Stay | null {
    return this.memory.state.stays.bySession.get(sessionId) ?? null;
  }

  /** Returns true if the session has a stay. */
  isInside(sessionId: string): boolean {
    return this.memory.state.stays.bySession.has(sessionId);
  }

  /** Returns true if the session may see the seats. */
  canSee(sessionId: string, now: number): boolean {
    return maySee(this.memory.state, this.terms, sessionId, now);
  }

  /** Returns true if the show's entry is metered now. */
  isMetered(now: number): boolean {
    return isMetered(this.memory.state, this.terms, now);
  }

  /** Returns true if the lobby is open, in which sessions gather until the sale opens. */
  isLobby(now: number): boolean {
    return isLobby(this.terms, now);
  }

  /** Returns true if a session waits in a line. */
  hasWaiters(): boolean {
    return this.memory.state.waitersBySession.size > 0;
  }

  /** Returns each source with its number of unpaid seats and of places and stays. */
  sourceUses(): (readonly [source: string, seats: number, places: number])[] {
    return [...this.memory.state.sources.entries()].map(([source, seats, places]) => [source, seats, places]);
  }

  /** Returns true if passing the challenge gives the sessions of a source more seats. */
  canChallengeForSeats(source: string): boolean {
    return canChallengeForSeats(this.terms, source);
  }

  /** Returns true if a session waits in a line or has a stay. */
  hasWaitersOrStays(): boolean {
    const { waitersBySession, stays } = this.memory.state;
    return waitersBySession.size + stays.bySession.size > 0;
  }

  /** Returns true if a tick would change a line or a stay. */
  hasLineWork(now: number): boolean {
    return hasLineWork(this.memory.state, this.terms, now);
  }

  /** Returns when the next time-driven change to the lines is due, in ms since 1970, or null if there is none. */
  nextLineWorkAt(now: number): number | null {
    return lineWorkAt(this.memory.state, this.terms, now);
  }

  /** Returns true if the next batch draws the places of the lobby. */
  isShuffleDue(now: number): boolean {
    return isShuffleDue(this.memory.state, this.terms, now);
  }

  /** Returns how many line tickets the open lobby of a line has given out. */
  lobbySizeOf(line: LineName): number {
    return this.memory.state.lines[line].lobbyReceipts.length;
  }

  versionOfLine(line: LineName): number {
    return this.memory.state.lines[line].version;
  }

  statusOfLine(name: LineName, now: number): LineStatus {
    const line = this.memory.state.lines[name];
    const { version, head, waiting, lastPlace, pace } = line;
    const reach = reachOf(this.terms, this.memory.state, line, now);
    return { version, head, waiting, lastPlace, secondsPerPlace: pace.perPlace(waiting, now), reach };
  }

  /**
   * Returns a waiter's place with the estimates for that waiter.
   *
   * @param moment an earlier moment of the line; by default the present
   */
  placeOf(waiter: Waiter, now: number, moment?: LineMoment): PlaceInLine {
    const { state } = this.memory;
    return placeInLine(this.terms, state, waiter, moment ?? momentOf(state.lines[waiter.line], waiter), now);
  }
}
