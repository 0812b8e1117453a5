import type { ShowTerms } from '../../../src/shows/core/show-terms.js';
import type { BookingRecord } from '../../../src/shows/core/booking-record.js';
import { touchesSeats } from '../../../src/shows/core/show-log.js';
import { loadState } from '../../../src/shows/core/show-state.js';
import type { ShowLane } from '../../../src/shows/lane/show-lane.js';
import type { ShowCommit } from '../../../src/shows/store/show-store.js';
import type { SeatMap } from '../../../libs/client/src/show/seat-map.js';
import { admissionsText, digestOf, PlainFold, termsText } from './digest.js';
import { type JudgedShow, LineOracle } from './line-oracle.js';
import { isLive, type SimulatedTables } from '../database/simulated-tables.js';
import type { Violation } from './promises.js';

/** What a show was at each of its commits. */
interface Chronicle {
  readonly fold: PlainFold;
  /** The state's text by seq, the seats by version. */
  readonly digests: string[];
  /** What had changed of the terms by each seq. */
  readonly terms: Partial<ShowTerms>[];
  /** How many had been let in by each seq. */
  readonly admissions: number[];
  readonly seats: string[];
}

/** Knows what the promises mean and looks at every commit, answer, lane and viewer whether they are kept. */
export class Oracle {
  readonly violations: Violation[] = [];
  private readonly chronicles = new Map<number, Chronicle>();
  /** How many seats each booking was asked for with. */
  private readonly askedSeats = new Map<string, number>();
  /** Bookings that someone was told do not exist. */
  private readonly denied = new Set<string>();
  /** How often the release of a booking is wanted, less the times that this was answered with nothing done. */
  private readonly releases = new Map<string, number>();
  /** What is promised of both lines. */
  readonly lines: LineOracle;
  private readonly judged = new WeakMap<ShowLane, string>();

  constructor(
    private readonly terms: ReadonlyMap<number, ShowTerms>,
    private readonly tables: ReadonlyMap<number, SimulatedTables>,
    private readonly now: () => number,
    saw: (what: string) => void,
    private readonly blindTo: readonly Violation['promise'][] = [],
  ) {
    this.lines = new LineOracle((promise, kept, what) => this.expect(promise, kept, what), saw, now);
    for (const [showId, { layout }] of terms) {
      const fold = new PlainFold(layout.seatCount);
      this.chronicles.set(showId, {
        fold,
        digests: [fold.digest()],
        terms: [{}],
        admissions: [0],
        seats: [fold.seats().join('')],
      });
    }
  }

  /** Looks at the tables right after a commit. */
  committed(commit: ShowCommit): void {
    const { showId, entry, added, ended } = commit;
    const { fold, digests, terms, seats, admissions } = this.chronicle(showId);
    this.expect(3, entry.seq === fold.seq + 1, `seq ${entry.seq} of show ${showId} follows ${fold.seq}`);
    this.expect(
      3,
      entry.version === fold.version + (entry.changes.some(touchesSeats) ? 1 : 0),
      `version ${entry.version} follows ${fold.version}`,
    );
    for (const booking of added) this.reserved(showId, booking, entry.at);
    const calledOff = fold.calledOff || entry.changes.some(({ type }) => type === 'calledOff');
    for (const { bookingId, status } of ended) this.ended(showId, bookingId, status, entry.at, calledOff);
    const logged = this.tablesOf(showId).entriesAfter(fold.seq).at(-1);
    const show = this.show(showId);
    this.lines.judgePushes(commit);
    if (logged) {
      fold.apply(logged, (change) => this.lines.judge(show, change, logged.at));
      this.lines.judgeAfter(show, logged.changes, logged.at);
      this.lines.judgeDue(show, commit);
    }
    digests[entry.seq] = fold.digest();
    terms[entry.seq] = fold.changedTerms;
    admissions[entry.seq] = fold.admissions.length;
    seats[entry.version] = fold.seats().join('');
    this.wholeAndUnshared(showId);
    this.foldIsTables(showId);
  }

  /** A reservation is about to be submitted. */
  asked(bookingId: string, seats: number): void {
    this.askedSeats.set(bookingId, seats);
  }

  /** A reservation was answered with success: it must be in the tables, as it was answered. */
  acknowledged(showId: number, { bookingId, seats, sessionId, firstVersion }: BookingRecord): void {
    const row = this.tablesOf(showId).bookings.get(bookingId);
    const same = row?.seats.join() === seats.join() && row.sessionId === sessionId && row.firstVersion === firstVersion;
    this.expect(6, same, `booking ${bookingId} was acknowledged and is not in the tables`);
  }

  /** A key was answered with the booking that it made. */
  repeated(showId: number, bookingId: string, sessionId: string, key: string, bodyHash: string): void {
    const row = this.tablesOf(showId).bookings.get(bookingId);
    const same = row?.sessionId === sessionId && row.usedKey?.key === key && row.usedKey.bodyHash === bodyHash;
    this.expect(8, same, `key ${key} was answered with booking ${bookingId}, which it did not make`);
  }

  /** A reservation was refused or answered `BUSY`: it must not be there, now or ever. */
  deny(showId: number, bookingId: string): void {
    this.denied.add(bookingId);
    const row = this.tablesOf(showId).bookings.get(bookingId);
    this.expect(6, row === undefined, `booking ${bookingId} was denied and is in the tables`);
  }

  releaseAsked(bookingId: string): void {
    this.releases.set(bookingId, (this.releases.get(bookingId) ?? 0) + 1);
  }

  /** A release was answered `BUSY`: unless another one is wanted, the booking must not be released, now or ever. */
  releaseDenied(showId: number, bookingId: string): void {
    const wanted = (this.releases.get(bookingId) ?? 0) - 1;
    this.releases.set(bookingId, wanted);
    const row = this.tablesOf(showId).bookings.get(bookingId);
    const mayBe = wanted > 0 || this.chronicle(showId).fold.calledOff;
    this.expect(6, mayBe || row?.status !== 'released', `booking ${bookingId} was released in spite of BUSY`);
  }

  released(showId: number, bookingId: string, isDone: boolean): void {
    const { status, payment } = this.tablesOf(showId).bookings.get(bookingId) ?? {};
    // A payment that was under way may have booked the seats again.
    const isReleased = status === 'released' || (payment !== null && status !== 'reserved');
    const fits = isDone ? isReleased : status !== 'reserved';
    this.expect(6, fits, `booking ${bookingId} was answered as ${isDone ? 'released' : 'ended'} and is ${status}`);
  }

  /** A lane's memory must be the fold of the log up to its seq. */
  judgeLane(lane: ShowLane): void {
    const { state, terms } = lane;
    const at = `${state.seq} ${state.version} ${state.seats.join('')} ${state.bookings.size} ${state.keys.size} ${state.standing.size} ${terms.termsVersion}`;
    if (this.judged.get(lane) === at) return;
    this.judged.set(lane, at);
    const { digests, admissions, fold, terms: changed } = this.chronicle(terms.showId);
    const now = this.now();
    const inMinute = admissionsText(fold.admissions.slice(0, admissions[state.seq]), now);
    const right = digestOf(state) === digests[state.seq] && admissionsText(state.inside.admissions, now) === inMinute;
    this.expect(3, right, `a lane of show ${terms.showId} holds something else than its log at ${state.seq}`);
    // Those of a lane that was opened just now may be newer than the log as far as it read it.
    const logged = { ...changed[state.seq] };
    const isRight =
      terms.termsVersion > (logged.termsVersion ?? 0) || termsText({ ...terms, ...logged }) === termsText(terms);
    this.expect(3, isRight, `a lane of show ${terms.showId} has other terms than its log at ${state.seq}`);
  }

  /** A viewer's map must be the show at the map's version. */
  judgeViewer(name: string, showId: number, map: SeatMap): void {
    const right = map.seats.join('') === this.chronicle(showId).seats[map.version];
    this.expect(7, right, `${name} sees something else than show ${showId} at version ${map.version}`);
  }

  /** In the end, when everything has come to rest. */
  async judgeTheEnd(): Promise<void> {
    for (const showId of this.terms.keys()) await this.lines.judgeTheEnd(this.show(showId), this.now());
  }

  /** A show as its commits have made it. */
  show(showId: number): JudgedShow {
    const { fold } = this.chronicle(showId);
    return { terms: this.termsOf(showId), fold, rows: this.tablesOf(showId).lines };
  }

  expect(promise: Violation['promise'], kept: boolean, what: string): void {
    if (!kept && !this.blindTo.includes(promise)) this.violations.push({ promise, what });
  }

  private reserved(showId: number, booking: BookingRecord, at: number): void {
    const { bookingId, usedKey, sessionId, expiresAt } = booking;
    const { holdMs, saleOpensAt, saleClosesAt, seatsMax, rules } = this.termsOf(showId);
    const { calledOff } = this.chronicle(showId).fold;
    this.expect(6, !this.denied.has(bookingId), `booking ${bookingId} was denied and is committed`);
    const isOffer = booking.ticket !== null;
    const wanted = isOffer ? booking.seats.length : this.askedSeats.get(bookingId);
    this.expect(
      2,
      booking.seats.length === wanted,
      `booking ${bookingId} has ${booking.seats.length} of ${wanted} seats`,
    );
    this.expect(4, expiresAt === at + holdMs, `booking ${bookingId} is not held for ${holdMs} ms`);
    const isOnSale = at >= (saleOpensAt ?? -Infinity) && at < saleClosesAt && !calledOff;
    this.expect('sale', isOnSale, `booking ${bookingId} was made before or after the sale`);
    const ofSession = [...this.tablesOf(showId).bookings.values()].filter((row) => row.sessionId === sessionId);
    const held = ofSession.filter(({ status }) => status === 'reserved').flatMap(({ seats }) => seats);
    this.expect(
      'sale',
      held.length <= (rules.maxSeatsPerSession ?? seatsMax),
      `session ${sessionId} holds ${held.length} seats`,
    );
    if (!usedKey) return;
    const sameKey = ofSession.filter((row) => row.usedKey?.key === usedKey.key);
    this.expect(8, sameKey.length === 1, `key ${usedKey.key} made ${sameKey.length} bookings`);
  }

  private ended(showId: number, bookingId: string, status: string, at: number, calledOff: boolean): void {
    // As it was before the commit, which may have booked the seats again.
    const expiresAt = this.chronicle(showId).fold.live.get(bookingId)?.expiresAt ?? Infinity;
    if (status === 'expired') {
      const isDue = expiresAt <= at && expiresAt <= this.now();
      this.expect(4, isDue, `booking ${bookingId} ended at ${this.now()} (${at}), before ${expiresAt}`);
    } else {
      const wanted = this.releases.get(bookingId) ?? 0;
      this.expect(6, wanted > 0 || calledOff, `booking ${bookingId} was released, which nobody wants`);
      this.expect(4, expiresAt > at, `booking ${bookingId} was released after it had run out`);
    }
  }

  private wholeAndUnshared(showId: number): void {
    const { bookings, seats } = this.tablesOf(showId);
    const holders = new Map<number, string>();
    for (const booking of bookings.values()) {
      if (!isLive(booking)) continue;
      for (const seat of booking.seats) {
        const other = holders.get(seat);
        this.expect(1, other === undefined, `seat ${seat} of show ${showId}: ${other} and ${booking.bookingId}`);
        holders.set(seat, booking.bookingId);
        const holder = seats.get(seat)?.bookingId;
        this.expect(2, holder === booking.bookingId, `seat ${seat} of booking ${booking.bookingId} is ${holder}'s`);
      }
    }
    for (const { seat, bookingId } of seats.values()) {
      this.expect(2, holders.get(seat) === bookingId, `seat ${seat} is taken by ${bookingId}, which is not live`);
    }
  }

  private foldIsTables(showId: number): void {
    const tables = this.tablesOf(showId);
    const { fold } = this.chronicle(showId);
    const loaded = loadState(this.termsOf(showId).layout.seatCount, tables.load(this.now()));
    this.expect(3, digestOf(loaded) === fold.digest(), `the tables of show ${showId} are not the fold of its log`);
    const [has, had] = [loaded.inside, fold].map((one) => admissionsText(one.admissions, this.now()));
    this.expect(3, has === had, `the tables of show ${showId} know of other admissions than its log`);
    const planned = this.termsOf(showId);
    const [inTables, inLog] = [tables, fold].map(({ changedTerms }) => termsText({ ...planned, ...changedTerms }));
    this.expect(3, inTables === inLog, `the catalog has other terms of show ${showId} than its log`);
    const { held, sold, blocked } = tables.counts;
    this.expect(3, held + sold + blocked === tables.seats.size, `the counts of show ${showId} are wrong`);
    this.expect(3, tables.statuses().join('') === fold.seats().join(''), `the seat rows of show ${showId} are wrong`);
  }

  private chronicle = (showId: number): Chronicle => known(this.chronicles, showId);
  private tablesOf = (showId: number): SimulatedTables => known(this.tables, showId);
  private termsOf = (showId: number): ShowTerms => known(this.terms, showId);
}

function known<T>(of: ReadonlyMap<number, T>, showId: number): T {
  const found = of.get(showId);
  if (found === undefined) throw new Error(`there is no show ${showId}`);
  return found;
}
