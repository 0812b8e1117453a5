import { type LineName, SeatStatus } from '@usher/contract';
import type { Administered } from '../model/actor.js';
import type { BookingRecord, UsedKey } from '../model/booking-record.js';
import type { Settlement } from '../commands/outcome.js';
import type { KeyedPlace } from '../model/keyed-place.js';
import { InsideDraft } from '../line/inside-draft.js';
import { LineDraft } from '../line/line-draft.js';
import type { LineChange, Shopper, Waiter } from '../model/waiter.js';
import type { RefundDue } from '../model/payment-change.js';
import { type ShowChange, touchesSeats } from '../changes/show-log.js';
import { heldSeats, type KeyUse, keyName, type ShowState } from '../state/show-state.js';

/** Holds that one batch ends at most: 100,000 that end together must not keep the lock past its time limits. */
const dueMax = 10_000;

/**
 * A show in the middle of a batch: the committed state below, what the batch decided so far on top. The state is only
 * read, so a batch whose commit fails leaves nothing to undo.
 */
export class Draft {
  readonly changes: ShowChange[] = [];
  /** One status a seat. Copied whole: 20,000 seats are one microsecond, less than asking an overlay for each. */
  readonly seats: Uint8Array;
  readonly lines: Readonly<Record<LineName, LineDraft>>;
  readonly inside: InsideDraft;
  calledOff: boolean;
  /** Who might find seats since the line was last looked at: all who wait, the one who came since, or nobody. */
  mayBeServed: 'all' | 'nobody' | Waiter = 'nobody';
  /** More is to be done than one batch does. */
  isCut = false;
  offersMade = 0;
  freeSeats: number;
  /** Free and held. */
  unsold: number;
  soldSeats: number;
  /** Made or changed, and holding seats. */
  private readonly added = new Map<string, BookingRecord>();
  private readonly ended = new Map<string, BookingRecord>();
  private readonly settled = new Map<string, Settlement>();
  private readonly keys = new Map<string, KeyUse>();
  /** Unpaid seats that sessions hold more, or fewer, than in the state below. */
  private readonly heldMore = new Map<string, number>();
  /** Who came to stand in a line (a waiter), or stands in none any longer (null). */
  private readonly standing = new Map<string, Waiter | null>();

  constructor(
    private readonly state: ShowState,
    /** Whether the line for seats is strict. */
    public isStrict: boolean,
  ) {
    this.seats = state.seats.slice();
    this.freeSeats = state.counts.free;
    this.unsold = state.counts.free + state.counts.held;
    this.soldSeats = state.counts.sold;
    this.lines = { seats: new LineDraft(state.lines.seats), entry: new LineDraft(state.lines.entry) };
    this.inside = new InsideDraft(state.inside);
    this.calledOff = state.calledOff;
  }

  /** The version that this batch makes if it changes a seat. */
  get nextVersion(): number {
    return this.state.version + 1;
  }

  /** The show's version after what the batch did so far. */
  get version(): number {
    return this.changes.some(touchesSeats) ? this.nextVersion : this.state.version;
  }

  /** A booking that holds seats, or undefined. */
  booking(bookingId: string): BookingRecord | undefined {
    if (this.ended.has(bookingId)) return undefined;
    return this.added.get(bookingId) ?? this.state.bookings.get(bookingId);
  }

  /** A booking that held seats before this batch, as it is now that it holds none; or undefined. */
  endedBooking(bookingId: string): BookingRecord | undefined {
    return this.ended.get(bookingId);
  }

  /** The bookings that are paid. */
  *bookedOnes(): Iterable<BookingRecord> {
    const ids = new Set([...this.state.bookings.keys(), ...this.added.keys()]);
    for (const id of ids) {
      const booking = this.booking(id);
      if (booking?.status === 'booked') yield booking;
    }
  }

  /** What a payment that took money came to, if it was decided already. */
  settlementOf(paymentId: string): Settlement | undefined {
    return this.settled.get(paymentId) ?? this.state.settled.get(paymentId);
  }

  /** How many unpaid seats the session holds. */
  heldBy(sessionId: string): number {
    return (this.state.heldBySession.get(sessionId) ?? 0) + (this.heldMore.get(sessionId) ?? 0);
  }

  keyUse(sessionId: string, key: string): KeyUse | undefined {
    const name = keyName(sessionId, key);
    return this.keys.get(name) ?? this.state.keys.get(name);
  }

  /** The session's place in one of the lines, or null. */
  waiterOf(sessionId: string): Waiter | null {
    const here = this.standing.get(sessionId);
    return here === undefined ? (this.state.standing.get(sessionId) ?? null) : here;
  }

  reserve(booking: BookingRecord): void {
    this.changes.push({ type: 'reserved', booking });
    this.added.set(booking.bookingId, booking);
    this.countHeld(booking.sessionId, heldSeats(booking));
    for (const seat of booking.seats) this.seats[seat] = SeatStatus.held;
    this.freeSeats -= booking.seats.length;
    const { usedKey, sessionId, bookingId, createdAt } = booking;
    if (!usedKey) return;
    const use: KeyUse = { bodyHash: usedKey.bodyHash, bookingId, place: null, createdAt };
    this.keys.set(keyName(sessionId, usedKey.key), use);
  }

  /** A join with an idempotency key is answered with a place: the same key gets that place again. */
  useKey(sessionId: string, usedKey: UsedKey, place: KeyedPlace, now: number): void {
    this.changes.push({ type: 'keyUsed', sessionId, usedKey, ...place });
    const use: KeyUse = { bodyHash: usedKey.bodyHash, bookingId: null, place, createdAt: now };
    this.keys.set(keyName(sessionId, usedKey.key), use);
  }

  end(booking: BookingRecord, status: 'expired' | 'released'): BookingRecord {
    const { bookingId, sessionId, seats, ticket } = booking;
    const after: BookingRecord = { ...booking, status, version: this.nextVersion };
    this.changes.push({ type: 'ended', bookingId, status, seats });
    this.ended.set(bookingId, after);
    this.countHeld(sessionId, -heldSeats(booking));
    for (const seat of seats) this.seats[seat] = SeatStatus.free;
    this.freeSeats += seats.length;
    this.mayBeServed = 'all';
    if (ticket !== null) this.offerEnded(ticket, sessionId, status);
    return after;
  }

  /** Paying began for a booking that is held. */
  pay(booking: BookingRecord): void {
    this.changes.push({ type: 'paying', booking });
    this.added.set(booking.bookingId, booking);
  }

  /** A booking says something else of its payment. */
  mark(booking: BookingRecord): void {
    this.changes.push({ type: 'marked', booking });
    this.replace(booking);
  }

  /** Seats are sold: those that the booking holds, or free ones. */
  book(booking: BookingRecord & { readonly payment: { readonly paymentId: string } }): void {
    const { bookingId, sessionId, seats, payment } = booking;
    const held = this.booking(bookingId);
    this.changes.push({ type: 'booked', booking, paymentId: payment.paymentId });
    this.ended.delete(bookingId);
    this.added.set(bookingId, booking);
    this.settled.set(payment.paymentId, 'booked');
    for (const seat of seats) this.seats[seat] = SeatStatus.sold;
    if (held) this.countHeld(sessionId, -heldSeats(held));
    else this.freeSeats -= seats.length;
    this.unsold -= seats.length;
    this.soldSeats += seats.length;
  }

  /** @param booking as it is without the seats that are free from now on */
  refund(booking: BookingRecord, seats: readonly number[], refund: RefundDue): void {
    this.changes.push({ type: 'refunded', booking, seats, refund });
    if (booking.status === 'refunded') this.ended.set(booking.bookingId, booking);
    else this.added.set(booking.bookingId, booking);
    for (const seat of seats) this.seats[seat] = SeatStatus.free;
    this.freeSeats += seats.length;
    this.unsold += seats.length;
    this.soldSeats -= seats.length;
    this.mayBeServed = 'all';
  }

  /** A payment found no seats. @param booking what says so, or null */
  giveMoneyBack(booking: BookingRecord | null, refund: RefundDue): void {
    this.changes.push({ type: 'returned', booking, refund });
    this.settled.set(refund.paymentId, 'returned');
    if (booking) this.replace(booking);
  }

  /** Ends the holds whose time has come, in the order in which they ended; {@link dueMax} of them at most. */
  endDue(now: number): void {
    const due: BookingRecord[] = [];
    for (const id of this.state.due.endingBy(now)) {
      const booking = this.booking(id);
      if (booking && isDue(booking, now)) due.push(booking);
    }
    due.sort((a, b) => (a.expiresAt ?? 0) - (b.expiresAt ?? 0) || (a.bookingId < b.bookingId ? -1 : 1));
    for (const booking of due.slice(0, dueMax)) this.end(booking, 'expired');
  }

  /** A session stands in a line from now on. */
  join(waiter: Waiter): void {
    this.changes.push({ type: 'joined', waiter });
    this.lines[waiter.line].join(waiter);
    this.standing.set(waiter.sessionId, waiter);
    if (waiter.line === 'seats') this.mayBeServed = this.mayBeServed === 'nobody' ? waiter : 'all';
  }

  /** A waiter stands in its line no longer. */
  leave({ line, ticket, place, sessionId }: Waiter, how: Pick<Left, 'kind' | 'reason'>): void {
    this.changes.push({ type: 'left', line, ticket, place, sessionId, ...how });
    this.lines[line].leave(ticket);
    this.standing.set(sessionId, null);
    // In a strict line the next may fit where the one before it did not.
    if (line === 'seats' && this.isStrict) this.mayBeServed = 'all';
  }

  /** Seats are held for the party of a waiter, which waits no longer. */
  offer({ ticket, place, sessionId }: Waiter, booking: BookingRecord): void {
    this.reserve(booking);
    this.offersMade++;
    this.changes.push({ type: 'offered', ticket, place, sessionId, bookingId: booking.bookingId });
    this.lines.seats.leave(ticket);
    this.standing.set(sessionId, null);
  }

  /** A session is inside from now on; one that waited for it waits no longer. */
  enter(shopper: Shopper, place: number | null): void {
    this.changes.push({ type: 'entered', shopper, place });
    this.inside.enter(shopper);
    if (shopper.ticket === null) return;
    this.lines.entry.leave(shopper.ticket);
    this.standing.set(shopper.sessionId, null);
  }

  /** @param lapsed whether it was let in from the line and never came */
  endStay({ sessionId, ticket }: Shopper, lapsed: boolean): void {
    this.changes.push({ type: 'stayEnded', sessionId });
    this.inside.leave(sessionId);
    if (!lapsed || ticket === null) return;
    this.changes.push({ type: 'left', line: 'entry', ticket, place: null, sessionId, ...offerLapsed });
    this.lines.entry.happened();
  }

  shuffle(seed: string): void {
    this.changes.push({ type: 'shuffled', seed });
    this.lines.entry.shuffle();
  }

  /** Takes seats out of the sale. */
  block(seats: readonly number[], why: Administered): void {
    this.changes.push({ type: 'blocked', seats, ...why });
    for (const seat of seats) this.seats[seat] = SeatStatus.blocked;
    this.freeSeats -= seats.length;
    this.unsold -= seats.length;
  }

  /** Puts blocked seats on sale again. */
  unblock(seats: readonly number[], why: Administered): void {
    this.changes.push({ type: 'unblocked', seats, ...why });
    for (const seat of seats) this.seats[seat] = SeatStatus.free;
    this.freeSeats += seats.length;
    this.unsold += seats.length;
    this.mayBeServed = 'all';
  }

  /** @param termsVersion the show's, after it */
  callOff(termsVersion: number, { reason = null, by = null }: Administered): void {
    if (this.calledOff) return;
    this.changes.push({ type: 'calledOff', termsVersion, reason, by });
    this.calledOff = true;
  }

  /** Keeps what changed of a booking where it is known; one that ended before this batch is nowhere. */
  private replace(booking: BookingRecord): void {
    const { bookingId } = booking;
    if (this.ended.has(bookingId)) this.ended.set(bookingId, booking);
    else if (this.booking(bookingId)) this.added.set(bookingId, booking);
  }

  /** Ends every hold, {@link dueMax} of them at most: what was called off is held for nobody. */
  endHolds(): void {
    if (this.state.heldBySession.size + this.added.size === 0) return;
    // One that this batch changed is in both.
    const ids = new Set([...this.state.bookings.keys(), ...this.added.keys()]);
    const held = [...ids].flatMap((id) => this.booking(id) ?? []);
    const running = held.filter(({ status }) => status === 'reserved');
    for (const booking of running.slice(0, dueMax)) this.end(booking, 'released');
    if (running.length > dueMax) this.isCut = true;
  }

  private offerEnded(ticket: number, sessionId: string, status: 'expired' | 'released'): void {
    const how = status === 'expired' ? offerLapsed : this.calledOff ? withdrawn : declined;
    this.changes.push({ type: 'left', line: 'seats', ticket, place: null, sessionId, ...how });
    this.lines.seats.happened();
  }

  private countHeld(sessionId: string, more: number): void {
    this.heldMore.set(sessionId, (this.heldMore.get(sessionId) ?? 0) + more);
  }
}

type Left = Extract<LineChange, { type: 'left' }>;

const offerLapsed = { kind: 'lapse', reason: 'offerLapsed' } as const;
const declined = { kind: 'leave', reason: null } as const;
/** The show was called off, and not by the wish of the session. */
const withdrawn = { kind: 'leave', reason: 'saleClosed' } as const;

/** Whether a hold's time has come: not before `expiresAt`, and from then on. */
export const isDue = (booking: BookingRecord, now: number): boolean =>
  booking.status === 'reserved' && booking.expiresAt !== null && booking.expiresAt <= now;
