import type { SeatMap } from '../../../libs/client/src/show/seat-map.js';
import type { BookingRecord } from '../../../src/shows/core/model/booking-record.js';
import { touchesSeats } from '../../../src/shows/core/log/change-kinds.js';
import { ShowState } from '../../../src/shows/core/state/show-state.js';
import type { ShowTerms } from '../../../src/shows/core/model/show-terms.js';
import type { ShowLane } from '../../../src/shows/lane/show-lane.js';
import type { ShowCommit } from '../../../src/shows/core/log/to-commit.js';
import { isLive, type SimulatedTables } from '../database/simulated-tables.js';
import { checkBudgets } from './budget-oracle.js';
import type { CheckedShow } from './checked-show.js';
import { admissionsText, digestOf, termsText } from '../reference/digest.js';
import { LineOracle } from './line-oracle.js';
import type { PromiseName, Violation } from './promises.js';
import { ReferenceShow } from '../reference/reference-show.js';

/** The history of one show: the state of its reference fold after each commit. */
interface ShowHistory {
  readonly fold: ReferenceShow;
  /** Digest of the show after each `seq`. */
  readonly digests: string[];
  /** Changed terms of the show after each `seq`. */
  readonly terms: Partial<ShowTerms>[];
  /** Total number of admissions after each `seq`. */
  readonly admissionCounts: number[];
  /** Seat statuses at each `version`. */
  readonly seats: string[];
}

/**
 * Decides whether Usher keeps its promises in a simulated run (see `promises.ts`).
 *
 * The oracle folds every commit into a {@link ReferenceShow}, a slow and simple model that shares no code with the
 * core's state. It then compares everything that Usher does with this model and with the simulated tables:
 *
 * - every commit, at the instant at which it becomes visible: is each change allowed, and do tables and log agree?
 * - every answer to a client: do the tables confirm it?
 * - the memory of every lane and the map of every viewer, after every step: do they equal the model at the same
 *   version?
 *
 * {@link LineOracle} checks the rules of both lines.
 */
export class Oracle {
  readonly violations: Violation[] = [];
  /** Checks the promises of both lines. */
  readonly lines: LineOracle;
  private readonly histories = new Map<number, ShowHistory>();
  /** The number of seats that each reservation asked for, by booking id. */
  private readonly requestedSeatCounts = new Map<string, number>();
  /** Ids of the bookings that refused reservations would have made. These bookings must never exist. */
  private readonly deniedBookings = new Set<string>();
  /**
   * Number of releases that clients sent for each booking, minus the releases that a node reported to have no effect.
   */
  private readonly releasesWanted = new Map<string, number>();
  /** The position at which each lane was last checked. A lane that has not changed is not checked again. */
  private readonly checkedPositions = new WeakMap<ShowLane, string>();

  constructor(
    private readonly terms: ReadonlyMap<number, ShowTerms>,
    private readonly tables: ReadonlyMap<number, SimulatedTables>,
    private readonly now: () => number,
    countEvent: (event: string) => void,
    private readonly ignoredPromises: readonly PromiseName[] = [],
  ) {
    this.lines = new LineOracle((promise, isKept, detail) => this.expect(promise, isKept, detail), countEvent, now);
    for (const [showId, { layout }] of terms) {
      const fold = new ReferenceShow(layout.seatCount);
      this.histories.set(showId, {
        fold,
        digests: [fold.digest()],
        terms: [{}],
        admissionCounts: [0],
        seats: [fold.seats().join('')],
      });
    }
  }

  /** Records a violation of `promise`, described by `detail`, unless the promise is kept. */
  expect(promise: PromiseName, isKept: boolean, detail: string): void {
    if (!isKept && !this.ignoredPromises.includes(promise)) this.violations.push({ promise, detail });
  }

  /** Checks a commit, its changes and the tables, at the instant at which the commit becomes visible. */
  checkCommit(commit: ShowCommit): void {
    const { showId, entry, added, ended } = commit;
    const { fold, digests, terms, seats, admissionCounts } = this.historyOf(showId);
    this.expect('exactLog', entry.seq === fold.seq + 1, `seq ${entry.seq} of show ${showId} follows ${fold.seq}`);
    const nextVersion = fold.version + (entry.changes.some(touchesSeats) ? 1 : 0);
    this.expect('exactLog', entry.version === nextVersion, `version ${entry.version} follows ${fold.version}`);
    for (const booking of added) this.checkReservation(showId, booking, entry.at);
    const isCalledOff = fold.calledOff || entry.changes.some(({ type }) => type === 'calledOff');
    for (const { bookingId, status } of ended) {
      this.checkEndedBooking(showId, bookingId, status, { at: entry.at, isCalledOff });
    }
    const logged = this.tablesOf(showId).entriesAfter(fold.seq).at(-1);
    const show = this.checkedShow(showId);
    this.lines.checkPushes(commit);
    if (logged) {
      fold.apply(logged, (change) => this.lines.checkChange(show, change, logged.at));
      this.lines.checkAfterCommit(show, logged.changes, logged.at);
      this.lines.checkDueTime(show, commit);
      checkBudgets(show.terms, fold, (promise, isKept, detail) => this.expect(promise, isKept, detail));
    }
    digests[entry.seq] = fold.digest();
    terms[entry.seq] = fold.changedTerms;
    admissionCounts[entry.seq] = fold.admissions.length;
    seats[entry.version] = fold.seats().join('');
    this.checkSeatRows(showId);
    this.checkTables(showId);
  }

  /** Remembers that a client sends a reservation. */
  recordReservation(bookingId: string, seatCount: number): void {
    this.requestedSeatCounts.set(bookingId, seatCount);
  }

  /** Checks that the tables contain a reservation exactly as the node acknowledged it. */
  checkAcknowledgedReservation(showId: number, { bookingId, seats, sessionId, firstVersion }: BookingRecord): void {
    const row = this.tablesOf(showId).bookings.get(bookingId);
    const isSame =
      row?.seats.join() === seats.join() && row.sessionId === sessionId && row.firstVersion === firstVersion;
    this.expect('truthfulAnswer', isSame, `booking ${bookingId} was acknowledged but is not in the tables`);
  }

  /** Checks that a repeated idempotency key was answered with the booking that the same key had made. */
  checkRepeatedKey(showId: number, bookingId: string, sessionId: string, key: string, bodyHash: string): void {
    const row = this.tablesOf(showId).bookings.get(bookingId);
    const isSame = row?.sessionId === sessionId && row.usedKey?.key === key && row.usedKey.bodyHash === bodyHash;
    this.expect('keyHasOneEffect', isSame, `key ${key} was answered with booking ${bookingId}, which it did not make`);
  }

  /** Checks that a reservation that a node refused or answered with `BUSY` makes no booking, neither now nor later. */
  checkDeniedReservation(showId: number, bookingId: string): void {
    this.deniedBookings.add(bookingId);
    const row = this.tablesOf(showId).bookings.get(bookingId);
    this.expect('truthfulAnswer', row === undefined, `booking ${bookingId} was refused but is in the tables`);
  }

  /** Remembers that a client sends a release. */
  recordRelease(bookingId: string): void {
    this.releasesWanted.set(bookingId, (this.releasesWanted.get(bookingId) ?? 0) + 1);
  }

  /**
   * Checks that a release that a node answered with `BUSY` had no effect. The booking may only be released if another
   * release was sent or the show was called off.
   */
  checkDeniedRelease(showId: number, bookingId: string): void {
    const wanted = (this.releasesWanted.get(bookingId) ?? 0) - 1;
    this.releasesWanted.set(bookingId, wanted);
    const row = this.tablesOf(showId).bookings.get(bookingId);
    const canBeReleased = wanted > 0 || this.historyOf(showId).fold.calledOff;
    const isKept = canBeReleased || row?.status !== 'released';
    this.expect('truthfulAnswer', isKept, `booking ${bookingId} was released although the node answered BUSY`);
  }

  /** Checks the answer to a release. @param isDone true if the node answered that it released the booking */
  checkReleaseOutcome(showId: number, bookingId: string, isDone: boolean): void {
    const { status, payment } = this.tablesOf(showId).bookings.get(bookingId) ?? {};
    // A payment that was under way may have booked the seats again after the release.
    const isReleased = status === 'released' || (payment !== null && status !== 'reserved');
    const isTrue = isDone ? isReleased : status !== 'reserved';
    const answer = isDone ? 'released' : 'no longer live';
    this.expect(
      'truthfulAnswer',
      isTrue,
      `a node answered that booking ${bookingId} is ${answer}, but it is ${status}`,
    );
  }

  /** Checks that a lane's memory equals the fold of the log up to the lane's `seq`. */
  checkLane(lane: ShowLane): void {
    const { state, terms } = lane;
    const { seq, version, seats, bookings, keys, waitersBySession: standing } = state;
    const sizes = [bookings.size, keys.size, standing.size];
    const position = [seq, version, seats.join(''), ...sizes, terms.termsVersion].join(' ');
    if (this.checkedPositions.get(lane) === position) return;
    this.checkedPositions.set(lane, position);
    const { digests, admissionCounts, fold, terms: changedTerms } = this.historyOf(terms.showId);
    const now = this.now();
    const admissions = admissionsText(fold.admissions.slice(0, admissionCounts[state.seq]), now);
    const isSame = digestOf(state) === digests[state.seq] && admissionsText(state.stays.admissions, now) === admissions;
    this.expect('exactLog', isSame, `a lane of show ${terms.showId} differs from its log at seq ${state.seq}`);
    // A lane that was just opened may have terms that are newer than the last log entry that it has read.
    const loggedTerms = { ...changedTerms[state.seq] };
    const hasRightTerms =
      terms.termsVersion > (loggedTerms.termsVersion ?? 0) ||
      termsText({ ...terms, ...loggedTerms }) === termsText(terms);
    const detail = `a lane of show ${terms.showId} has other terms than its log at seq ${state.seq}`;
    this.expect('exactLog', hasRightTerms, detail);
  }

  /** Checks that a viewer's map equals the show at the map's version. */
  checkViewer(name: string, showId: number, map: SeatMap): void {
    const isSame = map.seats.join('') === this.historyOf(showId).seats[map.version];
    this.expect('mapsConverge', isSame, `the map of ${name} differs from show ${showId} at version ${map.version}`);
  }

  /** Checks the conditions that must be true after everything has settled. */
  async checkFinalState(): Promise<void> {
    for (const showId of this.terms.keys()) await this.lines.checkFinalState(this.checkedShow(showId), this.now());
  }

  /** Returns a show with its fold and its line rows, after the last commit. */
  checkedShow(showId: number): CheckedShow {
    const { fold } = this.historyOf(showId);
    return { terms: this.termsOf(showId), fold, rows: this.tablesOf(showId).lines };
  }

  private checkReservation(showId: number, booking: BookingRecord, at: number): void {
    const { bookingId, usedKey, sessionId, expiresAt } = booking;
    const { holdMs, saleOpensAt, saleClosesAt, seatsMax, rules } = this.termsOf(showId);
    const { calledOff } = this.historyOf(showId).fold;
    const isDenied = this.deniedBookings.has(bookingId);
    this.expect('truthfulAnswer', !isDenied, `booking ${bookingId} was refused but is now committed`);
    const seatCount = booking.seats.length;
    const isOffer = booking.lineTicket !== null;
    const requested = isOffer ? seatCount : this.requestedSeatCounts.get(bookingId);
    this.expect('wholeBooking', seatCount === requested, `booking ${bookingId} has ${seatCount} of ${requested} seats`);
    this.expect('holdDuration', expiresAt === at + holdMs, `booking ${bookingId} is not held for ${holdMs} ms`);
    const isOnSale = at >= (saleOpensAt ?? -Infinity) && at < saleClosesAt && !calledOff;
    this.expect('saleLimits', isOnSale, `booking ${bookingId} was made before or after the sale`);
    const ofSession = [...this.tablesOf(showId).bookings.values()].filter((row) => row.sessionId === sessionId);
    const held = ofSession.filter(({ status }) => status === 'reserved').flatMap(({ seats }) => seats);
    const isWithinLimit = held.length <= (rules.maxSeatsPerSession ?? seatsMax);
    this.expect('saleLimits', isWithinLimit, `session ${sessionId} holds ${held.length} seats`);
    if (!usedKey) return;
    const ofKey = ofSession.filter((row) => row.usedKey?.key === usedKey.key);
    this.expect('keyHasOneEffect', ofKey.length === 1, `key ${usedKey.key} made ${ofKey.length} bookings`);
  }

  private checkEndedBooking(
    showId: number,
    bookingId: string,
    status: string,
    { at, isCalledOff }: { readonly at: number; readonly isCalledOff: boolean },
  ): void {
    // Uses the fold, which is still in the state before the commit. In the tables, the same commit may have booked the
    // seats again.
    const expiresAt = this.historyOf(showId).fold.live.get(bookingId)?.expiresAt ?? Infinity;
    if (status === 'expired') {
      const isDue = expiresAt <= at && expiresAt <= this.now();
      const detail = `booking ${bookingId} expired at ${at} (the clock is at ${this.now()}), before ${expiresAt}`;
      this.expect('holdDuration', isDue, detail);
      return;
    }
    const isWanted = (this.releasesWanted.get(bookingId) ?? 0) > 0 || isCalledOff;
    this.expect('truthfulAnswer', isWanted, `booking ${bookingId} was released, but no client asked for that`);
    this.expect('holdDuration', expiresAt > at, `booking ${bookingId} was released after it had expired`);
  }

  /** Checks that live bookings share no seat, and that the seat rows are exactly the seats of the live bookings. */
  private checkSeatRows(showId: number): void {
    const { bookings, seats } = this.tablesOf(showId);
    const holders = new Map<number, string>();
    for (const booking of bookings.values()) {
      if (!isLive(booking)) continue;
      for (const seat of booking.seats) {
        const other = holders.get(seat);
        const bothIds = `${other} and ${booking.bookingId}`;
        this.expect('seatSoldOnce', other === undefined, `seat ${seat} of show ${showId} is in bookings ${bothIds}`);
        holders.set(seat, booking.bookingId);
        const holder = seats.get(seat)?.bookingId;
        const isOwn = holder === booking.bookingId;
        this.expect('wholeBooking', isOwn, `seat ${seat} of booking ${booking.bookingId} is in the row of ${holder}`);
      }
    }
    for (const { seat, bookingId } of seats.values()) {
      const isHeld = holders.get(seat) === bookingId;
      this.expect('wholeBooking', isHeld, `the row of seat ${seat} names booking ${bookingId}, which is not live`);
    }
  }

  /** Checks that a state loaded from the tables equals the fold of the log. */
  private checkTables(showId: number): void {
    const tables = this.tablesOf(showId);
    const { fold } = this.historyOf(showId);
    const expectSame = (isSame: boolean, detail: string) => this.expect('exactLog', isSame, detail);
    const loaded = new ShowState(this.termsOf(showId).layout.seatCount, tables.load(this.now()));
    expectSame(digestOf(loaded) === fold.digest(), `the tables of show ${showId} differ from the fold of its log`);
    const [loadedAdmissions, foldedAdmissions] = [loaded.stays, fold].map((of) =>
      admissionsText(of.admissions, this.now()),
    );
    expectSame(
      loadedAdmissions === foldedAdmissions,
      `the tables of show ${showId} have other admissions than its log`,
    );
    const planned = this.termsOf(showId);
    const [storedTerms, foldedTerms] = [tables, fold].map((of) => termsText({ ...planned, ...of.changedTerms }));
    expectSame(storedTerms === foldedTerms, `the catalog has other terms of show ${showId} than its log`);
    const { held, sold, blocked } = tables.counts;
    expectSame(held + sold + blocked === tables.seats.size, `the seat counts of show ${showId} are wrong`);
    expectSame(tables.seatStatuses().join('') === fold.seats().join(''), `the seat rows of show ${showId} are wrong`);
  }

  private historyOf = (showId: number): ShowHistory => getShow(this.histories, showId);
  private tablesOf = (showId: number): SimulatedTables => getShow(this.tables, showId);
  private termsOf = (showId: number): ShowTerms => getShow(this.terms, showId);
}

function getShow<T>(byShow: ReadonlyMap<number, T>, showId: number): T {
  const found = byShow.get(showId);
  if (found === undefined) throw new Error(`there is no show ${showId}`);
  return found;
}
