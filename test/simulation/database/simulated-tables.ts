import { type SeatCounts, SeatStatus } from '@usher/contract';
import type { BookingRecord } from '../../../src/shows/core/booking-record.js';
import type { RefundDue } from '../../../src/shows/core/payment/payment-change.js';
import { isSamePosition, type LogEntry, type LogPosition } from '../../../src/shows/core/show-log.js';
import { keyMemoryMs, type StoredShow } from '../../../src/shows/core/show-state.js';
import type { PaymentsCommit } from '../../../src/shows/store/payments-commit.js';
import type { SaleTerms, ShowTerms } from '../../../src/shows/core/show-terms.js';
import type { CatalogCommit, SeatRow, ShowCommit } from '../../../src/shows/store/show-store.js';
import { TableGuardError } from '../engine/simulated-errors.js';
import { SimulatedLines } from './simulated-line-tables.js';

/** One show's rows, committed. Each method is one statement of `show-sql.ts`. */
export class SimulatedTables {
  seq = 0;
  commitId = 0;
  version = 0;
  counts: SeatCounts;
  readonly seats = new Map<number, SeatRow>();
  readonly bookings = new Map<string, BookingRecord>();
  /** As text, as the database keeps it: nobody shares an object with it. */
  private readonly log: { seq: number; text: string }[] = [];

  /** What the catalog says of the show's terms otherwise than when it was planned. */
  changedTerms: Partial<ShowTerms> = {};
  readonly refunds: RefundDue[] = [];
  readonly lines: SimulatedLines;

  /** @param lobbySeed what a lobby of the show is shuffled by, hex */
  constructor(seatCount: number, lobbySeed: string) {
    this.lines = new SimulatedLines(lobbySeed);
    this.counts = { free: seatCount, held: 0, sold: 0, blocked: 0 };
  }

  entriesAfter(seq: number): LogEntry[] {
    const last = this.log.findLastIndex((row) => row.seq <= seq);
    return this.log.slice(last + 1).map(({ text }): LogEntry => JSON.parse(text));
  }

  /** The entries after a position; null when the log does not contain it. */
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

  /** What primary keys and row counts refuse. @throws TableGuardError */
  guard({ entry, added, ended, seats, lines, payments }: ShowCommit): void {
    const refuse = (found: boolean, what: string) => {
      if (found) throw new TableGuardError(what);
    };
    refuse(entry.seq !== this.seq + 1, `the ledger is at ${this.seq}, not before ${entry.seq}`);
    for (const { seat } of seats.inserted) refuse(this.seats.has(seat), `seat ${seat} has a row`);
    for (const { seat } of seats.updated) refuse(!this.seats.has(seat), `seat ${seat} has no row to change`);
    for (const seat of seats.deleted) refuse(!this.seats.has(seat), `seat ${seat} has no row to delete`);
    for (const { bookingId } of added) refuse(this.bookings.has(bookingId), `booking ${bookingId} has a row`);
    for (const { bookingId } of ended) refuse(!this.bookings.has(bookingId), `booking ${bookingId} has no row`);
    if (lines) this.lines.guard(lines);
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
    if (lines) this.lines.apply(copied(lines), entry);
    if (catalog) this.changeTerms(copied(catalog));
    this.log.push({ seq: entry.seq, text: JSON.stringify(entry) });
    for (const row of [...seats.inserted, ...seats.updated]) this.seats.set(row.seat, { ...row });
    for (const seat of seats.deleted) this.seats.delete(seat);
    for (const booking of added) this.bookings.set(booking.bookingId, copied(booking));
    for (const { bookingId, status } of ended) {
      const booking = this.bookings.get(bookingId);
      if (booking) this.bookings.set(bookingId, { ...booking, status, version: entry.version });
    }
    if (payments) this.pay(payments);
  }

  private changeTerms({ termsVersion, terms, planned }: CatalogCommit): void {
    this.changedTerms = { ...this.changedTerms, ...(terms && saleTermsOf(terms)), ...planned, termsVersion };
  }

  private pay({ updated, marked, refunds }: PaymentsCommit): void {
    for (const after of updated) {
      const { status, seats, amounts, substituted, expiresAt, version, payment } = copied(after);
      const changed = { status, seats, amounts, substituted, expiresAt, version, payment };
      const booking = this.bookings.get(after.bookingId);
      if (booking) this.bookings.set(after.bookingId, { ...booking, ...changed });
    }
    for (const { bookingId, payment } of marked) {
      const booking = this.bookings.get(bookingId);
      if (booking) this.bookings.set(bookingId, { ...booking, payment: copied(payment) });
    }
    this.refunds.push(...copied(refunds));
  }

  hasDueHolds(now: number): boolean {
    return [...this.bookings.values()].some(
      ({ status, expiresAt }) => status === 'reserved' && expiresAt !== null && expiresAt <= now,
    );
  }

  /** One status a seat. */
  statuses(): Uint8Array {
    const { free, held, sold, blocked } = this.counts;
    const statuses = new Uint8Array(free + held + sold + blocked).fill(SeatStatus.free);
    for (const { seat, status } of this.seats.values()) statuses[seat] = status;
    return statuses;
  }
}

/** The columns of the show's row that are written with every change of its terms. */
const saleTermsOf = ({ prices, currency, saleOpensAt, saleClosesAt, rules, waitingRoom }: SaleTerms): SaleTerms => ({
  prices,
  currency,
  saleOpensAt,
  saleClosesAt,
  rules,
  waitingRoom,
});

function keyOfBooking({ usedKey, sessionId, bookingId, createdAt }: BookingRecord): StoredShow['keys'] {
  if (!usedKey) return [];
  return [{ sessionId, key: usedKey.key, use: { bodyHash: usedKey.bodyHash, bookingId, place: null, createdAt } }];
}

/** Whether a booking has its seats. */
export const isLive = ({ status }: BookingRecord): boolean => status === 'reserved' || status === 'booked';

/** Through JSON, as rows travel: nothing is shared, and what JSON cannot say is lost here as it would be there. */
export const copied = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
