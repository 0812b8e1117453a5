import type { LineName, SeatCounts } from '@usher/contract';
import type { BookingRecord } from '../../../src/shows/core/booking-record.js';
import type { Settlement } from '../../../src/shows/core/outcome.js';
import type { KeyedPlace } from '../../../src/shows/core/line/keyed-place.js';
import type { Line } from '../../../src/shows/core/line/line.js';
import type { PaymentChange } from '../../../src/shows/core/payment/payment-change.js';
import type { LineChange, Shopper, Waiter } from '../../../src/shows/core/line/waiter.js';
import { type KeyUse, keyName, type ShowState } from '../../../src/shows/core/show-state.js';
import { isPaymentChange, type LogEntry, type ShowChange } from '../../../src/shows/core/show-log.js';
import { changeableTermsOf, type ShowTerms } from '../../../src/shows/core/show-terms.js';
import { lineText, PlainLine } from './plain-line.js';

const sorted = <T>(items: Iterable<T>): T[] => [...items].toSorted((a, b) => (String(a) < String(b) ? -1 : 1));

const bookingText = (b: BookingRecord): string =>
  JSON.stringify([
    b.bookingId,
    b.sessionId,
    b.status,
    b.seats,
    b.amounts,
    b.currency,
    b.substituted,
    b.createdAt,
    b.expiresAt,
    b.firstExpiresAt,
    b.firstVersion,
    b.version,
    b.usedKey?.key,
    b.usedKey?.bodyHash,
    b.ticket,
    b.payment?.paymentId,
    b.payment?.status,
    b.payment?.provider,
    b.refundTerms?.startsAt,
    b.refundTerms?.rule?.deadlineMinutes,
    b.refundTerms?.rule?.feeAmount,
  ]);

const countsText = ({ free, held, sold, blocked }: SeatCounts): string => [free, held, sold, blocked].join(' ');

const placeText = ({ line, ticket, at }: KeyedPlace): string =>
  [line, ticket, at.version, at.waiting, at.lastTicket, at.ahead].join(' ');

const keyText = (name: string, use: KeyUse): string =>
  [name, use.bodyHash, use.bookingId ?? placeText(use.place), use.createdAt].join(' ');

const shopperText = (of: Shopper): string => `inside ${of.sessionId} ${of.admittedAt} ${of.until} ${of.ticket}`;

const standingText = (waiters: Iterable<Waiter>): string =>
  `standing ${sorted([...waiters].map(({ sessionId, line, ticket, place }) => `${sessionId} ${line} ${ticket} ${place}`)).join(', ')}`;

/**
 * Everything that a state says of its show, as text: two states are the same exactly if their texts are. But for the
 * pace, an estimate, and the times of admissions, of which a state knows more or fewer: see {@link admissionsText}.
 */
export function digestOf(state: ShowState): string {
  const { seq, version, seats, counts, bookings, holders, bySession, due, keys, inside } = state;
  return [
    `at ${seq} ${version} ${state.calledOff}`,
    `seats ${seats.join('')}`,
    `counts ${countsText(counts)}`,
    ...sorted([...bookings.values()].map(bookingText)),
    `holders ${sorted([...holders].map(([seat, id]) => `${seat}=${id}`)).join(' ')}`,
    ...sorted([...bySession].map(([session, ids]) => `${session}: ${sorted(ids).join(' ')}`)),
    `held ${sorted([...state.heldBySession].map(([session, held]) => `${session}=${held}`)).join(' ')}`,
    `due ${sorted(due.endingBy(Infinity)).join(' ')}`,
    ...sorted([...keys].map(([name, use]) => keyText(name, use))),
    ...sorted([...state.settled].map(([paymentId, as]) => `${paymentId} ${as}`)),
    ...digestOfLine(state.lines.seats),
    ...digestOfLine(state.lines.entry),
    standingText(state.standing.values()),
    ...sorted([...inside.shoppers.values()].map(shopperText)),
    `stays ${sorted(inside.due.endingBy(Infinity)).join(' ')}`,
  ].join('\n');
}

/** What a show's terms say that can change, as text. */
export const termsText = (terms: ShowTerms): string =>
  JSON.stringify([terms.termsVersion, ...Object.entries(changeableTermsOf(terms))], (_, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
      : value,
  );

/** Everything that a line says of itself, as texts. */
export function digestOfLine(line: Line): string[] {
  const { name, lastTicket, version, lobbySize, head, waiting, lastPlace, waiters } = line;
  const stillHere = (tickets: readonly number[]) => tickets.filter((ticket) => waiters.has(ticket));
  return lineText({
    name,
    numbers: [lastTicket, version, lobbySize, head, waiting, lastPlace],
    hash: line.hash,
    waiters: [...waiters.values()],
    order: [...line.inOrder()].map(({ ticket }) => ticket),
    below: Array.from({ length: lastTicket + 1 }, (_, at) => line.below(at + 1)),
    wishes: [...line.wishes].map(([key, wish]) => [key, stillHere(wish.tickets.slice(wish.from)), wish.waiting]),
    due: [...line.due.endingBy(Infinity)],
    receipts: line.lobbyReceipts,
  });
}

/** The admissions of the minute before `now`. */
export const admissionsText = (admissions: readonly number[], now: number): string =>
  admissions.filter((at) => at > now - 60_000).join(' ');

/**
 * The log folded in the plainest way, to hold the clever ways against: no index is kept, everything is derived anew
 * from the live bookings, from those who joined and those who wait.
 */
export class PlainFold {
  seq = 0;
  version = 0;
  calledOff = false;
  /** What changed of the show's terms since it was planned. */
  changedTerms: Partial<ShowTerms> = {};
  readonly live = new Map<string, BookingRecord>();
  readonly lines: Readonly<Record<LineName, PlainLine>> = {
    seats: new PlainLine('seats'),
    entry: new PlainLine('entry'),
  };
  readonly shoppers = new Map<string, Shopper>();
  readonly blocked = new Set<number>();
  /** Of all times. */
  readonly admissions: number[] = [];
  /** What payments that took money came to. */
  readonly settled = new Map<string, Settlement>();
  private readonly keys = new Map<string, KeyUse>();

  constructor(private readonly seatCount: number) {}

  /** @param before told of each change just before it is made */
  apply(entry: LogEntry, before: (change: ShowChange) => void = () => undefined): void {
    for (const change of entry.changes) {
      before(change);
      this.change(change, entry.at);
    }
    this.seq = entry.seq;
    this.version = entry.version;
  }

  /** One status a seat. */
  seats(): Uint8Array {
    const seats = new Uint8Array(this.seatCount);
    for (const booking of this.live.values()) {
      for (const seat of booking.seats) seats[seat] = booking.status === 'booked' ? 2 : 1;
    }
    for (const seat of this.blocked) seats[seat] = 3;
    return seats;
  }

  /** Unpaid seats that a session holds. */
  heldBy(sessionId: string): number {
    const held = [...this.live.values()].filter((one) => one.sessionId === sessionId && one.status === 'reserved');
    return held.reduce((sum, { seats }) => sum + seats.length, 0);
  }

  /** Where a session stands. */
  waiterOf(sessionId: string): Waiter | undefined {
    return [...this.lines.seats.waiting.values(), ...this.lines.entry.waiting.values()].find(
      (waiter) => waiter.sessionId === sessionId,
    );
  }

  /** The text of {@link digestOf} for the same show. */
  digest(): string {
    const live = [...this.live.values()];
    const seats = this.seats();
    const count = (status: number) => seats.filter((of) => of === status).length;
    const holders = live.flatMap(({ bookingId, seats: taken }) => taken.map((seat) => `${seat}=${bookingId}`));
    const sessions = new Set(live.map(({ sessionId }) => sessionId));
    const ofSession = (session: string) => live.filter(({ sessionId }) => sessionId === session);
    const ids = (bookings: BookingRecord[]) => sorted(bookings.map(({ bookingId }) => bookingId)).join(' ');
    const held = [...sessions].filter((session) => this.heldBy(session) > 0);
    const shoppers = [...this.shoppers.values()];
    return [
      `at ${this.seq} ${this.version} ${this.calledOff}`,
      `seats ${seats.join('')}`,
      `counts ${countsText({ free: count(0), held: count(1), sold: count(2), blocked: count(3) })}`,
      ...sorted(live.map(bookingText)),
      `holders ${sorted(holders).join(' ')}`,
      ...sorted([...sessions].map((session) => `${session}: ${ids(ofSession(session))}`)),
      `held ${sorted(held.map((session) => `${session}=${this.heldBy(session)}`)).join(' ')}`,
      `due ${ids(live.filter(({ expiresAt }) => expiresAt !== null))}`,
      ...sorted([...this.keys].map(([name, use]) => keyText(name, use))),
      ...sorted([...this.settled].map(([paymentId, as]) => `${paymentId} ${as}`)),
      ...this.lines.seats.digest(),
      ...this.lines.entry.digest(),
      standingText([...this.lines.seats.waiting.values(), ...this.lines.entry.waiting.values()]),
      ...sorted(shoppers.map(shopperText)),
      `stays ${sorted(shoppers.map(({ sessionId }) => sessionId)).join(' ')}`,
    ].join('\n');
  }

  private change(change: ShowChange, at: number): void {
    switch (change.type) {
      case 'ended':
        this.live.delete(change.bookingId);
        return;
      case 'blocked':
        for (const seat of change.seats) this.blocked.add(seat);
        return;
      case 'unblocked':
        for (const seat of change.seats) this.blocked.delete(seat);
        return;
      case 'termsChanged':
        this.changedTerms = { ...change.terms, termsVersion: change.termsVersion ?? 0 };
        return;
      case 'calledOff':
        this.changedTerms = { ...this.changedTerms, termsVersion: change.termsVersion ?? 0 };
        this.calledOff = true;
        return;
      case 'reserved':
        this.reserved(change.booking);
        return;
      default:
        if (isPaymentChange(change)) this.paymentChange(change);
        else this.lineChange(change, at);
    }
  }

  private paymentChange(change: PaymentChange): void {
    if (change.type === 'booked') this.settled.set(change.paymentId, 'booked');
    if (change.type === 'returned') this.settled.set(change.refund.paymentId, 'returned');
    const { booking } = change;
    if (!booking) return;
    if (booking.status === 'reserved' || booking.status === 'booked') this.live.set(booking.bookingId, booking);
    else this.live.delete(booking.bookingId);
  }

  private reserved(booking: BookingRecord): void {
    this.live.set(booking.bookingId, booking);
    if (!booking.usedKey) return;
    const { bookingId, sessionId, createdAt, usedKey } = booking;
    const use: KeyUse = { bodyHash: usedKey.bodyHash, bookingId, place: null, createdAt };
    this.keys.set(keyName(sessionId, usedKey.key), use);
  }

  private lineChange(change: LineChange, at: number): void {
    const { seats, entry } = this.lines;
    switch (change.type) {
      case 'joined':
        this.lines[change.waiter.line].join(change.waiter);
        this.lines[change.waiter.line].record('join', change.waiter.ticket, at);
        break;
      case 'left':
        this.lines[change.line].waiting.delete(change.ticket);
        this.lines[change.line].record(change.kind, change.ticket, at);
        break;
      case 'offered':
        seats.waiting.delete(change.ticket);
        seats.record('offer', change.ticket, at);
        break;
      case 'entered': {
        const { shopper } = change;
        this.shoppers.set(shopper.sessionId, shopper);
        this.admissions.push(shopper.admittedAt);
        if (shopper.ticket === null) break;
        entry.waiting.delete(shopper.ticket);
        entry.record('admit', shopper.ticket, at);
        break;
      }
      case 'stayEnded':
        this.shoppers.delete(change.sessionId);
        break;
      case 'keyUsed': {
        const { sessionId, usedKey, line, ticket, at: moment } = change;
        const place = { line, ticket, at: moment };
        const use: KeyUse = { bodyHash: usedKey.bodyHash, bookingId: null, place, createdAt: at };
        this.keys.set(keyName(sessionId, usedKey.key), use);
        break;
      }
      case 'shuffled':
        entry.shuffle(change.seed);
        entry.record('shuffle', null, at);
        break;
    }
  }
}
