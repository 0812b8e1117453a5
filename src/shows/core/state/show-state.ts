import { type LineName, type SeatCounts, SeatStatus, seatStatusNames } from '@usher/contract';
import type { BookingRecord } from '../model/booking-record.js';
import type { Settlement } from '../commands/outcome.js';
import type { KeyedPlace } from '../model/keyed-place.js';
import { DueTimes } from '../collections/due-times.js';
import { chainLink } from '../line/chain.js';
import { Inside } from '../line/inside.js';
import { Line, type StoredLine } from '../line/line.js';
import type { LineChange, Shopper, Waiter } from '../model/waiter.js';
import type { PaymentChange } from '../model/payment-change.js';
import { isLineChange, isPaymentChange, type LogEntry, type ShowChange } from '../changes/show-log.js';

/** How long an idempotency key is remembered: a day, as long as clients of payment providers are used to. */
export const keyMemoryMs = 24 * 60 * 60 * 1000;

/** What an idempotency key made: a booking, or a place in line. */
export type KeyUse = { readonly bodyHash: string; readonly createdAt: number } & (
  { readonly bookingId: string; readonly place: null } | { readonly bookingId: null; readonly place: KeyedPlace }
);

/** What the tables say of one show at one moment. */
export interface StoredShow {
  readonly seq: number;
  /** The id of the last commit; 0: there was none. */
  readonly commitId: number;
  readonly version: number;
  /** Those that still hold seats: `reserved` and `booked`. */
  readonly liveBookings: readonly BookingRecord[];
  /** Seats with a status that no live booking gives them. */
  readonly blocked: readonly number[];
  /** Uses of keys within {@link keyMemoryMs}, oldest first. */
  readonly keys: readonly { readonly sessionId: string; readonly key: string; readonly use: KeyUse }[];
  readonly calledOff: boolean;
  /** What payments came to that no live booking names: they found no seats, or their seats were refunded. */
  readonly settled: readonly { readonly paymentId: string; readonly as: Settlement }[];
  readonly lines: Readonly<Record<LineName, StoredLine>>;
  readonly shoppers: readonly Shopper[];
  /** When sessions were let in within the last minute, oldest first. */
  readonly admissions: readonly number[];
}

/** A show as it stands after some commit. Only {@link loadState} and {@link applyEntry} change it. */
export interface ShowState {
  seq: number;
  /** The id of the last commit; 0: there was none. */
  commitId: number;
  version: number;
  /** One status a seat. */
  readonly seats: Uint8Array;
  readonly counts: SeatCounts;
  /** Bookings that hold seats, by id. */
  readonly bookings: Map<string, BookingRecord>;
  /** Which booking has a seat. */
  readonly holders: Map<number, string>;
  readonly bySession: Map<string, Set<string>>;
  /** How many unpaid seats each session holds; sessions that hold none are left out. */
  readonly heldBySession: Map<string, number>;
  readonly due: DueTimes<string>;
  readonly keys: Map<string, KeyUse>;
  calledOff: boolean;
  /** What each payment that took money came to: asked again, it comes to the same. */
  readonly settled: Map<string, Settlement>;
  readonly lines: Readonly<Record<LineName, Line>>;
  /** Who waits, by session: one place in one line each. */
  readonly standing: Map<string, Waiter>;
  readonly inside: Inside;
}

/** The name of a session's key in {@link ShowState.keys}. Session ids have no spaces, so two never share one. */
export const keyName = (sessionId: string, key: string): string => `${sessionId} ${key}`;

/** Builds the state from the tables. */
export function loadState(seatCount: number, stored: StoredShow): ShowState {
  const state: ShowState = {
    seq: stored.seq,
    commitId: stored.commitId,
    version: stored.version,
    seats: new Uint8Array(seatCount),
    counts: { free: seatCount, held: 0, sold: 0, blocked: 0 },
    bookings: new Map(),
    holders: new Map(),
    bySession: new Map(),
    heldBySession: new Map(),
    due: new DueTimes(),
    keys: new Map(stored.keys.map(({ sessionId, key, use }) => [keyName(sessionId, key), use])),
    calledOff: stored.calledOff,
    settled: new Map(stored.settled.map(({ paymentId, as }) => [paymentId, as])),
    lines: { seats: new Line('seats', stored.lines.seats), entry: new Line('entry', stored.lines.entry) },
    standing: new Map(),
    inside: new Inside(stored.shoppers, stored.admissions),
  };
  for (const { waiters } of Object.values(state.lines)) {
    for (const waiter of waiters.values()) state.standing.set(waiter.sessionId, waiter);
  }
  for (const booking of stored.liveBookings) {
    putIn(state, booking);
    if (booking.status === 'booked' && booking.payment) state.settled.set(booking.payment.paymentId, 'booked');
  }
  for (const seat of stored.blocked) setStatus(state, seat, SeatStatus.blocked);
  return state;
}

/** Folds one commit into the state: what this node wrote, or what it missed. */
export function applyEntry(state: ShowState, entry: LogEntry): void {
  if (entry.seq !== state.seq + 1) throw new Error(`log entry ${entry.seq} does not follow ${state.seq}`);
  for (const change of entry.changes) applyChange(state, change, entry.at);
  state.seq = entry.seq;
  state.commitId = entry.commitId;
  state.version = entry.version;
}

/** The bookings that an entry changes, as they are after it; to be asked before the entry is applied. */
export function changedBookings(state: ShowState, entry: LogEntry): BookingRecord[] {
  const changed = new Map<string, BookingRecord>();
  return entry.changes.flatMap((change) => {
    const after = bookingAfter(state, change, changed, entry.version);
    if (after) changed.set(after.bookingId, after);
    return after ?? [];
  });
}

function bookingAfter(
  { bookings }: ShowState,
  change: ShowChange,
  changed: ReadonlyMap<string, BookingRecord>,
  version: number,
): BookingRecord | null {
  if (change.type === 'ended') {
    const before = changed.get(change.bookingId) ?? bookings.get(change.bookingId);
    return before ? { ...before, status: change.status, version } : null;
  }
  return change.type === 'reserved' || isPaymentChange(change) ? change.booking : null;
}

function applyChange(state: ShowState, change: ShowChange, at: number): void {
  if (isLineChange(change)) {
    applyLineChange(state, change, at);
    return;
  }
  if (isPaymentChange(change)) {
    applyPaymentChange(state, change);
    return;
  }
  switch (change.type) {
    case 'reserved': {
      const { sessionId, usedKey, bookingId, createdAt } = change.booking;
      putIn(state, change.booking);
      if (!usedKey) break;
      const use: KeyUse = { bodyHash: usedKey.bodyHash, bookingId, place: null, createdAt };
      rememberKey(state, keyName(sessionId, usedKey.key), use);
      break;
    }
    case 'ended':
      removeBooking(state, change.bookingId);
      break;
    case 'blocked':
      for (const seat of change.seats) setStatus(state, seat, SeatStatus.blocked);
      break;
    case 'unblocked':
      for (const seat of change.seats) setStatus(state, seat, SeatStatus.free);
      break;
    case 'calledOff':
      state.calledOff = true;
      break;
    // The lane's: a state is what was done to a show, not what it is sold by.
    case 'termsChanged':
      break;
  }
}

function applyPaymentChange(state: ShowState, change: PaymentChange): void {
  const { booking } = change;
  switch (change.type) {
    case 'booked':
      state.settled.set(change.paymentId, 'booked');
      break;
    case 'returned':
      state.settled.set(change.refund.paymentId, 'returned');
      break;
    case 'refunded':
      for (const seat of change.seats) freeSeat(state, seat);
      break;
    case 'paying':
    case 'marked':
      break;
  }
  if (!booking) return;
  const before = state.bookings.get(booking.bookingId);
  if (before) takeOut(state, before);
  if (booking.status === 'reserved' || booking.status === 'booked') putIn(state, booking);
  else if (before) forget(state, before);
}

function applyLineChange(state: ShowState, change: LineChange, at: number): void {
  const { lines, inside } = state;
  switch (change.type) {
    case 'joined':
      lines[change.waiter.line].join(change.waiter);
      state.standing.set(change.waiter.sessionId, change.waiter);
      break;
    case 'left':
      leaveLine(state, change.line, change.ticket);
      break;
    case 'offered':
      leaveLine(state, 'seats', change.ticket);
      break;
    case 'entered':
      if (change.shopper.ticket !== null) leaveLine(state, 'entry', change.shopper.ticket);
      inside.enter(change.shopper);
      break;
    case 'shuffled':
      for (const waiter of lines.entry.shuffle(change.seed)) state.standing.set(waiter.sessionId, waiter);
      break;
    case 'stayEnded':
      inside.leave(change.sessionId);
      break;
    case 'keyUsed': {
      const { sessionId, usedKey, line, ticket, at: moment } = change;
      const place = { line, ticket, at: moment };
      const use: KeyUse = { bodyHash: usedKey.bodyHash, bookingId: null, place, createdAt: at };
      rememberKey(state, keyName(sessionId, usedKey.key), use);
      break;
    }
  }
  const link = chainLink(change);
  if (link) lines[link.line].record(link, at);
}

function leaveLine(state: ShowState, line: LineName, ticket: number): void {
  const waiter = state.lines[line].leave(ticket);
  if (waiter) state.standing.delete(waiter.sessionId);
}

function removeBooking(state: ShowState, bookingId: string): void {
  const booking = state.bookings.get(bookingId);
  if (!booking) throw new Error(`the log ends booking ${bookingId}, which is not live`);
  takeOut(state, booking);
  for (const seat of booking.seats) freeSeat(state, seat);
  forget(state, booking);
}

/** Puts in a booking that has its seats from now on, new or in another state. One that changes keeps its place. */
function putIn(state: ShowState, booking: BookingRecord): void {
  const { bookingId, sessionId, seats, expiresAt } = booking;
  state.bookings.set(bookingId, booking);
  const status = booking.status === 'booked' ? SeatStatus.sold : SeatStatus.held;
  for (const seat of seats) {
    state.holders.set(seat, bookingId);
    setStatus(state, seat, status);
  }
  const ofSession = state.bySession.get(sessionId);
  if (ofSession) ofSession.add(bookingId);
  else state.bySession.set(sessionId, new Set([bookingId]));
  if (expiresAt !== null) state.due.add(bookingId, expiresAt);
  countHeld(state, sessionId, heldSeats(booking));
}

/** Takes out of the indexes what {@link putIn} put in for a booking that changes or ends, but for its seats. */
function takeOut(state: ShowState, booking: BookingRecord): void {
  if (booking.expiresAt !== null) state.due.delete(booking.bookingId, booking.expiresAt);
  countHeld(state, booking.sessionId, -heldSeats(booking));
}

/** Forgets a booking that has no seats any longer. */
function forget(state: ShowState, { bookingId, sessionId }: BookingRecord): void {
  state.bookings.delete(bookingId);
  const ofSession = state.bySession.get(sessionId);
  ofSession?.delete(bookingId);
  if (ofSession?.size === 0) state.bySession.delete(sessionId);
}

function freeSeat(state: ShowState, seat: number): void {
  state.holders.delete(seat);
  setStatus(state, seat, SeatStatus.free);
}

function countHeld(state: ShowState, sessionId: string, more: number): void {
  const held = (state.heldBySession.get(sessionId) ?? 0) + more;
  if (held > 0) state.heldBySession.set(sessionId, held);
  else state.heldBySession.delete(sessionId);
}

/** How many unpaid seats a booking holds. */
export const heldSeats = ({ status, seats }: BookingRecord): number => (status === 'reserved' ? seats.length : 0);

function rememberKey(state: ShowState, name: string, use: KeyUse): void {
  // Oldest first: the map keeps the order in which keys came.
  for (const [old, { createdAt }] of state.keys) {
    if (createdAt > use.createdAt - keyMemoryMs) break;
    state.keys.delete(old);
  }
  state.keys.set(name, use);
}

function setStatus(state: ShowState, seat: number, status: SeatStatus): void {
  const before = state.seats[seat];
  if (before === undefined) throw new Error(`seat ${seat} is not in the hall`);
  state.counts[seatStatusNames[before]!]--;
  state.counts[seatStatusNames[status]]++;
  state.seats[seat] = status;
}

/** The session's bookings that hold seats of the show, oldest first. */
export function liveBookingsOf(state: ShowState, sessionId: string): BookingRecord[] {
  const ids = state.bySession.get(sessionId) ?? [];
  return [...ids].flatMap((id) => state.bookings.get(id) ?? []);
}
