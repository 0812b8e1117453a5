import type { LineName } from '@usher/contract';
import type { BookingRecord } from '../../../src/shows/core/model/booking-record.js';
import type { Settlement } from '../../../src/shows/core/commands/outcome.js';
import type { Stay, Waiter } from '../../../src/shows/core/model/waiter.js';
import type { LogEntry } from '../../../src/shows/core/log/log-entry.js';
import type { ChangeOf, LineChange, ShowChange } from '../../../src/shows/core/log/show-change.js';
import { type KeyUse, keyName } from '../../../src/shows/core/model/key-use.js';
import type { ShowTerms } from '../../../src/shows/core/model/show-terms.js';
import { showText } from './digest.js';
import { ReferenceLine } from './reference-line.js';

/**
 * Folds a show's log in the simplest way. The core's state keeps indexes to be fast. This reference keeps none and
 * derives everything from the live bookings and the waiters. The oracle compares the reference with the core's state.
 */
export class ReferenceShow {
  seq = 0;
  version = 0;
  calledOff = false;
  /** The terms that changed since the show was planned. */
  changedTerms: Partial<ShowTerms> = {};
  readonly live = new Map<string, BookingRecord>();
  readonly lines: Readonly<Record<LineName, ReferenceLine>> = {
    seats: new ReferenceLine('seats'),
    entry: new ReferenceLine('entry'),
  };
  readonly stays = new Map<string, Stay>();
  readonly blocked = new Set<number>();
  /** The times of all admissions. */
  readonly admissions: number[] = [];
  /** The settlement of each payment that took money. */
  readonly settled = new Map<string, Settlement>();
  private readonly keys = new Map<string, KeyUse>();

  constructor(private readonly seatCount: number) {}

  /** Applies one log entry. @param beforeChange called with each change just before it is applied */
  apply(entry: LogEntry, beforeChange: (change: ShowChange) => void = () => undefined): void {
    for (const change of entry.changes) {
      beforeChange(change);
      this.applyChange(change, entry.at);
    }
    this.seq = entry.seq;
    this.version = entry.version;
  }

  /** Returns one status per seat. */
  seats(): Uint8Array {
    const seats = new Uint8Array(this.seatCount);
    for (const booking of this.live.values()) {
      for (const seat of booking.seats) seats[seat] = booking.status === 'booked' ? 2 : 1;
    }
    for (const seat of this.blocked) seats[seat] = 3;
    return seats;
  }

  /** Returns the number of unpaid seats that a session holds. */
  heldBy(sessionId: string): number {
    const held = [...this.live.values()].filter((one) => one.sessionId === sessionId && one.status === 'reserved');
    return held.reduce((sum, { seats }) => sum + seats.length, 0);
  }

  /** Returns the unpaid seats, the places, and the seats that are waited for, of each source that has any. */
  sources(): [source: string, seats: number, places: number, waitingSeats: number][] {
    const holds = [...this.live.values()].filter(({ status }) => status === 'reserved');
    const places = [...this.allWaiters(), ...this.stays.values()];
    const names = new Set([...holds, ...places].flatMap(({ source }) => source ?? []));
    return [...names].map((name) => {
      const held = holds.filter(({ source }) => source === name).flatMap(({ seats }) => seats);
      const waiting = [...this.lines.seats.waiting.values()].filter(({ source }) => source === name);
      const waitingSeats = waiting.reduce((sum, { partySize }) => sum + partySize, 0);
      return [name, held.length, places.filter(({ source }) => source === name).length, waitingSeats];
    });
  }

  /** Returns everyone who waits in either line. */
  allWaiters(): Waiter[] {
    return [...this.lines.seats.waiting.values(), ...this.lines.entry.waiting.values()];
  }

  /** Returns the waiter of a session, from either line. */
  waiterOf(sessionId: string): Waiter | undefined {
    return this.allWaiters().find((waiter) => waiter.sessionId === sessionId);
  }

  /** Returns the same text as `digestOf` returns for a lane's state of the same show. */
  digest(): string {
    const live = [...this.live.values()];
    const seats = this.seats();
    const count = (status: number) => seats.filter((of) => of === status).length;
    const sessions = [...new Set(live.map(({ sessionId }) => sessionId))];
    const idsOf = (bookings: BookingRecord[]) => bookings.map(({ bookingId }) => bookingId);
    const stays = [...this.stays.values()];
    return showText({
      seq: this.seq,
      version: this.version,
      calledOff: this.calledOff,
      seats,
      counts: { free: count(0), held: count(1), sold: count(2), blocked: count(3) },
      liveBookings: live,
      holders: live.flatMap(({ bookingId, seats: taken }) => taken.map((seat) => [seat, bookingId] as const)),
      bookingsBySession: sessions.map((id) => [id, idsOf(live.filter(({ sessionId }) => sessionId === id))]),
      heldBySession: sessions.flatMap((id) => (this.heldBy(id) > 0 ? [[id, this.heldBy(id)] as const] : [])),
      sources: this.sources(),
      dueBookings: idsOf(live.filter(({ expiresAt }) => expiresAt !== null)),
      keys: this.keys,
      settled: this.settled,
      lineTexts: [...this.lines.seats.digest(), ...this.lines.entry.digest()],
      waiters: this.allWaiters(),
      stays,
      dueStays: stays.map(({ sessionId }) => sessionId),
    });
  }

  private applyChange(change: ShowChange, at: number): void {
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
        this.applyReservation(change.booking);
        return;
      case 'paying':
      case 'marked':
      case 'booked':
      case 'refunded':
      case 'returned':
        this.applyPaymentChange(change);
        return;
      default:
        this.applyLineChange(change, at);
    }
  }

  private applyPaymentChange(change: ChangeOf<'paying' | 'marked' | 'booked' | 'refunded' | 'returned'>): void {
    if (change.type === 'booked') this.settled.set(change.paymentId, 'booked');
    if (change.type === 'returned') this.settled.set(change.refund.paymentId, 'returned');
    const { booking } = change;
    if (!booking) return;
    if (booking.status === 'reserved' || booking.status === 'booked') this.live.set(booking.bookingId, booking);
    else this.live.delete(booking.bookingId);
  }

  private applyReservation(booking: BookingRecord): void {
    this.live.set(booking.bookingId, booking);
    if (!booking.usedKey) return;
    const { bookingId, sessionId, createdAt, usedKey } = booking;
    const use: KeyUse = { bodyHash: usedKey.bodyHash, bookingId, place: null, createdAt };
    this.keys.set(keyName(sessionId, usedKey.key), use);
  }

  private applyLineChange(change: LineChange, at: number): void {
    const { seats, entry } = this.lines;
    switch (change.type) {
      case 'joined':
        this.lines[change.waiter.line].join(change.waiter);
        this.lines[change.waiter.line].record('join', change.waiter.lineTicket, at);
        break;
      case 'challengePassed':
        seats.passChallenge(change.lineTicket);
        break;
      case 'left':
        this.lines[change.line].waiting.delete(change.lineTicket);
        this.lines[change.line].record(change.kind, change.lineTicket, at);
        break;
      case 'offered':
        seats.waiting.delete(change.lineTicket);
        seats.record('offer', change.lineTicket, at);
        break;
      case 'entered': {
        const { stay } = change;
        this.stays.set(stay.sessionId, stay);
        this.admissions.push(stay.admittedAt);
        if (stay.lineTicket === null) break;
        entry.waiting.delete(stay.lineTicket);
        entry.record('admit', stay.lineTicket, at);
        break;
      }
      case 'stayEnded':
        this.stays.delete(change.sessionId);
        break;
      case 'keyUsed': {
        const { sessionId, usedKey, line, lineTicket, at: moment } = change;
        const place = { line, lineTicket: lineTicket, at: moment };
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
