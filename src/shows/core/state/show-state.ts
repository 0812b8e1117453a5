import { type LineName, type SeatCounts, SeatStatus } from '@usher/contract';
import { DueTimes } from '../collections/due-times.js';
import type { Settlement } from '../commands/outcome.js';
import type { ChainLink } from '../line/chain.js';
import { Stays } from '../line/stays.js';
import { Line } from '../line/line.js';
import { type BookingRecord, heldSeatCount, isLive } from '../model/booking-record.js';
import { keyMemoryMs, keyName, type KeyUse } from '../model/key-use.js';
import type { Stay, Waiter } from '../model/waiter.js';
import type { EditableShow, SeatAssignment } from './editable-show.js';
import { setSeatStatus } from './seat-table.js';
import { SourceUse } from './source-use.js';
import type { StoredShow } from './stored-show.js';

/** A show as it is after a commit. Only `applyEntry` changes it. */
export class ShowState implements EditableShow {
  seq: number;
  /** The id of the last commit; 0 before the first commit. */
  commitId: number;
  version: number;
  /**
   * The number of the last commit that gave bookings of an erased session to a pseudonym. Memory does not know the commits
   * before it was loaded, so at first the number is the last of them.
   */
  lastErasureSeq: number;
  /** The status of each seat. */
  readonly seats: Uint8Array;
  readonly counts: SeatCounts;
  /** The bookings that hold seats, by id. */
  readonly bookings = new Map<string, BookingRecord>();
  /** The id of the booking that has a seat, by seat. */
  readonly holders = new Map<number, string>();
  readonly bySession = new Map<string, Set<string>>();
  /** The number of unpaid seats that each session holds. Sessions that hold none have no entry. */
  readonly heldBySession = new Map<string, number>();
  /** The ids of the holds, indexed by the time at which they expire. */
  readonly due = new DueTimes<string>();
  readonly keys: Map<string, KeyUse>;
  calledOff: boolean;
  /** How each payment that took money was settled. If a payment is reported again, the answer is the same. */
  readonly settled: Map<string, Settlement>;
  readonly lines: Readonly<Record<LineName, Line>>;
  /** The waiters of both lines, by session. A session has at most one place in the two lines together. */
  readonly waitersBySession = new Map<string, Waiter>();
  readonly stays: Stays;
  /** What each source has of the show. */
  readonly sources = new SourceUse();

  constructor(seatCount: number, stored: StoredShow) {
    this.seq = stored.seq;
    this.commitId = stored.commitId;
    this.version = stored.version;
    this.lastErasureSeq = stored.seq;
    this.seats = new Uint8Array(seatCount);
    this.counts = { free: seatCount, held: 0, sold: 0, blocked: 0 };
    this.keys = new Map(stored.keys.map(({ sessionId, key, use }) => [keyName(sessionId, key), use]));
    this.calledOff = stored.calledOff;
    this.settled = new Map(stored.settled.map(({ paymentId, as }) => [paymentId, as]));
    this.lines = { seats: new Line('seats', stored.lines.seats), entry: new Line('entry', stored.lines.entry) };
    this.stays = new Stays(stored.stays, stored.admissions);
    for (const { waiters } of Object.values(this.lines)) {
      for (const waiter of waiters.values()) {
        this.waitersBySession.set(waiter.sessionId, waiter);
        this.sources.addPlace(waiter);
      }
    }
    for (const stay of stored.stays) this.sources.addPlace(stay);
    for (const booking of stored.liveBookings) this.loadBooking(booking);
    this.setSeats({ seats: stored.blocked, status: SeatStatus.blocked, bookingId: null });
  }

  /** A booking that changes keeps its position in the maps, so a session's bookings stay in their order. */
  putBooking(booking: BookingRecord): void {
    const { bookingId, sessionId, expiresAt } = booking;
    const before = this.bookings.get(bookingId);
    if (before) this.removeFromIndexes(before);
    if (!isLive(booking)) {
      if (before) this.forgetBooking(before);
      return;
    }
    if (before && before.sessionId !== sessionId) {
      this.removeFromSession(before);
      this.lastErasureSeq = this.seq + 1;
    }
    this.bookings.set(bookingId, booking);
    const ofSession = this.bySession.get(sessionId);
    if (ofSession) ofSession.add(bookingId);
    else this.bySession.set(sessionId, new Set([bookingId]));
    if (expiresAt !== null) this.due.add(bookingId, expiresAt);
    this.addHeldSeats(sessionId, heldSeatCount(booking));
    this.sources.changeBooking(null, booking);
  }

  endHold(bookingId: string, status: 'expired' | 'released', version: number): BookingRecord {
    const booking = this.bookings.get(bookingId);
    if (!booking) throw new Error(`the log ends booking ${bookingId}, which is not live`);
    this.removeFromIndexes(booking);
    this.forgetBooking(booking);
    return { ...booking, status, version };
  }

  setSeats({ seats, status, bookingId }: SeatAssignment): void {
    for (const seat of seats) {
      if (bookingId === null) this.holders.delete(seat);
      else this.holders.set(seat, bookingId);
      setSeatStatus(this, seat, status);
    }
  }

  rememberKey(sessionId: string, key: string, use: KeyUse): void {
    // The map keeps the keys in the order in which they came, so the oldest keys are first.
    for (const [old, { createdAt }] of this.keys) {
      if (createdAt > use.createdAt - keyMemoryMs) break;
      this.keys.delete(old);
    }
    this.keys.set(keyName(sessionId, key), use);
  }

  settlePayment(paymentId: string, settlement: Settlement): void {
    this.settled.set(paymentId, settlement);
  }

  joinLine(waiter: Waiter): void {
    this.lines[waiter.line].join(waiter);
    this.waitersBySession.set(waiter.sessionId, waiter);
    this.sources.addPlace(waiter);
  }

  passChallenge(lineTicket: number): void {
    const waiter = this.lines.seats.passChallenge(lineTicket);
    if (waiter) this.waitersBySession.set(waiter.sessionId, waiter);
  }

  leaveLine(line: LineName, lineTicket: number): void {
    const waiter = this.lines[line].leave(lineTicket);
    if (!waiter) return;
    this.waitersBySession.delete(waiter.sessionId);
    this.sources.removePlace(waiter);
  }

  startStay(stay: Stay): void {
    this.stays.enter(stay);
    this.sources.addPlace(stay);
  }

  endStay(sessionId: string): void {
    const stay = this.stays.leave(sessionId);
    if (stay) this.sources.removePlace(stay);
  }

  shuffleLobby(seed: string): void {
    for (const waiter of this.lines.entry.shuffle(seed)) this.waitersBySession.set(waiter.sessionId, waiter);
  }

  addChainLink(link: ChainLink, at: number): void {
    this.lines[link.line].record(link, at);
  }

  /** Returns the session's bookings that hold seats of the show, oldest first. */
  liveBookingsOf(sessionId: string): BookingRecord[] {
    const ids = this.bySession.get(sessionId) ?? [];
    return [...ids].flatMap((id) => this.bookings.get(id) ?? []);
  }

  private loadBooking(booking: BookingRecord): void {
    const { bookingId, seats, payment } = booking;
    const isBooked = booking.status === 'booked';
    this.putBooking(booking);
    this.setSeats({ seats, status: isBooked ? SeatStatus.sold : SeatStatus.held, bookingId });
    if (isBooked && payment) this.settled.set(payment.paymentId, 'booked');
  }

  /** Removes a booking that changes or ends from the indexes whose values depend on its fields. */
  private removeFromIndexes(booking: BookingRecord): void {
    if (booking.expiresAt !== null) this.due.delete(booking.bookingId, booking.expiresAt);
    this.addHeldSeats(booking.sessionId, -heldSeatCount(booking));
    this.sources.changeBooking(booking, null);
  }

  private forgetBooking(booking: BookingRecord): void {
    this.bookings.delete(booking.bookingId);
    this.removeFromSession(booking);
  }

  private removeFromSession({ bookingId, sessionId }: BookingRecord): void {
    const ofSession = this.bySession.get(sessionId);
    ofSession?.delete(bookingId);
    if (ofSession?.size === 0) this.bySession.delete(sessionId);
  }

  private addHeldSeats(sessionId: string, count: number): void {
    if (count === 0) return;
    const held = (this.heldBySession.get(sessionId) ?? 0) + count;
    if (held > 0) this.heldBySession.set(sessionId, held);
    else this.heldBySession.delete(sessionId);
  }
}
