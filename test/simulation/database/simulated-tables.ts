import { type SeatCounts, SeatStatus } from '@usher/contract';
import type { BookingRecord } from '../../../src/shows/core/model/booking-record.js';
import type { RefundDue } from '../../../src/shows/core/model/refund-due.js';
import { isSamePosition, type LogEntry, type LogPosition } from '../../../src/shows/core/log/log-entry.js';
import { keyMemoryMs } from '../../../src/shows/core/model/key-use.js';
import type { StoredShow } from '../../../src/shows/core/state/stored-show.js';
import type { PaymentsCommit } from '../../../src/shows/core/rows/show-commit.js';
import type { LoggedTerms, ShowTerms } from '../../../src/shows/core/model/show-terms.js';
import type { CatalogCommit, SeatRow } from '../../../src/shows/core/rows/show-commit.js';
import type { ShowCommit } from '../../../src/shows/core/log/to-commit.js';
import { ConstraintError } from '../engine/simulated-errors.js';
import { SimulatedLineTables } from './simulated-line-tables.js';

/** The committed rows of one show. Each method does the same as one statement of `show-sql.ts`. */
export class SimulatedTables {
  seq = 0;
  commitId = 0;
  version = 0;
  counts: SeatCounts;
  readonly seats = new Map<number, SeatRow>();
  readonly bookings = new Map<string, BookingRecord>();
  /** Entries as JSON text, so that no node shares an object with the log. */
  private readonly log: { seq: number; text: string }[] = [];
  /** The terms that changed since the show was planned, as the catalog stores them. */
  changedTerms: Partial<ShowTerms> = {};
  readonly refunds: RefundDue[] = [];
  readonly lines: SimulatedLineTables;

  /** @param lobbySeed the seed with which the show's lobby is shuffled, hex */
  constructor(seatCount: number, lobbySeed: string) {
    this.lines = new SimulatedLineTables(lobbySeed);
    this.counts = { free: seatCount, held: 0, sold: 0, blocked: 0 };
  }

  entriesAfter(seq: number): LogEntry[] {
    const last = this.log.findLastIndex((row) => row.seq <= seq);
    return this.log.slice(last + 1).map(({ text }): LogEntry => JSON.parse(text));
  }

  /** Returns the entries after a position, or null if the log does not contain the position. */
  entriesSince(position: LogPosition): LogEntry[] | null {
    const [first, ...missed] = this.entriesAfter(position.seq - 1);
    if (position.seq === 0) return first ? [first, ...missed] : [];
    return first && isSamePosition(first, position) ? missed : null;
  }

  load(now: number): StoredShow {
    const bookings = [...this.bookings.values()].toSorted((a, b) => a.createdAt - b.createdAt);
    return {
      seq: this.seq,
      commitId: this.commitId,
      version: this.version,
      liveBookings: bookings.filter(isLive).map((booking) => ({ ...booking })),
      blocked: [...this.seats.values()].filter(({ bookingId }) => bookingId === null).map(({ seat }) => seat),
      keys: [...bookings.flatMap(keyOfBooking), ...this.lines.keys]
        .filter(({ use }) => use.createdAt > now - keyMemoryMs)
        .toSorted((a, b) => a.use.createdAt - b.use.createdAt),
      settled: [...new Set(this.refunds.map(({ paymentId }) => paymentId))].map((paymentId) => {
        const isReturned = this.refunds.some((refund) => refund.paymentId === paymentId && refund.kind === 'returned');
        return { paymentId, as: isReturned ? 'returned' : 'booked' };
      }),
      ...this.lines.load(now),
    };
  }

  /** Refuses a commit that primary keys or row counts would refuse. @throws ConstraintError */
  checkConstraints({ entry, added, ended, seats, lines, payments }: ShowCommit): void {
    const refuse = (isViolated: boolean, message: string) => {
      if (isViolated) throw new ConstraintError(message);
    };
    refuse(entry.seq !== this.seq + 1, `the ledger is at seq ${this.seq}, so the next seq is not ${entry.seq}`);
    for (const { seat } of seats.inserted) refuse(this.seats.has(seat), `seat ${seat} already has a row`);
    for (const { seat } of seats.updated) refuse(!this.seats.has(seat), `seat ${seat} has no row to update`);
    for (const seat of seats.deleted) refuse(!this.seats.has(seat), `seat ${seat} has no row to delete`);
    for (const { bookingId } of added) refuse(this.bookings.has(bookingId), `booking ${bookingId} already has a row`);
    for (const { bookingId } of ended) refuse(!this.bookings.has(bookingId), `booking ${bookingId} has no row`);
    if (lines) this.lines.checkConstraints(lines);
    const made = new Set(added.map(({ bookingId }) => bookingId));
    for (const { bookingId } of [...(payments?.updated ?? []), ...(payments?.marked ?? [])]) {
      refuse(!this.bookings.has(bookingId) && !made.has(bookingId), `booking ${bookingId} has no row`);
    }
  }

  apply({ entry, added, ended, seats, counts, lines, payments, catalog }: ShowCommit): void {
    this.seq = entry.seq;
    this.commitId = entry.commitId;
    this.version = entry.version;
    this.counts = { ...counts };
    if (lines) this.lines.apply(copyAsJson(lines), entry);
    if (catalog) this.applyTerms(copyAsJson(catalog));
    this.log.push({ seq: entry.seq, text: JSON.stringify(entry) });
    for (const row of [...seats.inserted, ...seats.updated]) this.seats.set(row.seat, { ...row });
    for (const seat of seats.deleted) this.seats.delete(seat);
    for (const booking of added) this.bookings.set(booking.bookingId, copyAsJson(booking));
    for (const { bookingId, status } of ended) {
      const booking = this.bookings.get(bookingId);
      if (booking) this.bookings.set(bookingId, { ...booking, status, version: entry.version });
    }
    if (payments) this.applyPayments(payments);
  }

  private applyTerms({ termsVersion, terms, planned }: CatalogCommit): void {
    this.changedTerms = { ...this.changedTerms, ...(terms && saleTermsOf(terms)), ...planned, termsVersion };
  }

  private applyPayments({ updated, marked, refunds }: PaymentsCommit): void {
    for (const after of updated) {
      const { status, seats, amounts, substituted, expiresAt, version, payment, source } = copyAsJson(after);
      const changed = { status, seats, amounts, substituted, expiresAt, version, payment, source };
      const booking = this.bookings.get(after.bookingId);
      if (booking) this.bookings.set(after.bookingId, { ...booking, ...changed });
    }
    for (const { bookingId, payment } of marked) {
      const booking = this.bookings.get(bookingId);
      if (booking) this.bookings.set(bookingId, { ...booking, payment: copyAsJson(payment) });
    }
    this.refunds.push(...copyAsJson(refunds));
  }

  hasDueHolds(now: number): boolean {
    return [...this.bookings.values()].some(
      ({ status, expiresAt }) => status === 'reserved' && expiresAt !== null && expiresAt <= now,
    );
  }

  /** Returns one status per seat. */
  seatStatuses(): Uint8Array {
    const { free, held, sold, blocked } = this.counts;
    const statuses = new Uint8Array(free + held + sold + blocked).fill(SeatStatus.free);
    for (const { seat, status } of this.seats.values()) statuses[seat] = status;
    return statuses;
  }
}

/** Returns the columns of the show's row that every change to the terms writes. */
const saleTermsOf = ({
  prices,
  currency,
  saleOpensAt,
  saleClosesAt,
  rules,
  waitingRoom,
  protection,
}: LoggedTerms): LoggedTerms => ({
  prices,
  currency,
  saleOpensAt,
  saleClosesAt,
  rules,
  waitingRoom,
  ...(protection !== undefined && { protection }),
});

function keyOfBooking({ usedKey, sessionId, bookingId, createdAt }: BookingRecord): StoredShow['keys'] {
  if (!usedKey) return [];
  return [{ sessionId, key: usedKey.key, use: { bodyHash: usedKey.bodyHash, bookingId, place: null, createdAt } }];
}

/** Returns whether a booking still has its seats. */
export const isLive = ({ status }: BookingRecord): boolean => status === 'reserved' || status === 'booked';

/**
 * Copies a value through JSON, like a row on its way to the database. The copy shares no object with the original and
 * lacks every value that JSON cannot express.
 */
export const copyAsJson = <T>(value: T): T => JSON.parse(JSON.stringify(value));
