import { type SeatCounts, SeatStatus, seatStatusNames } from '@usher/contract';
import type { BookingRecord } from './booking-record.js';
import { DueHolds } from './due-holds.js';
import type { LogEntry, ShowChange } from './show-log.js';

/** How long an idempotency key is remembered: a day, as long as clients of payment providers are used to. */
export const keyMemoryMs = 24 * 60 * 60 * 1000;

/** A booking that an idempotency key made. */
export interface KeyUse {
  readonly bodyHash: string;
  readonly bookingId: string;
  readonly createdAt: number;
}

/** What the tables say of one show at one moment. */
export interface StoredShow {
  readonly seq: number;
  readonly version: number;
  /** Those that still hold seats: `reserved` and `booked`. */
  readonly liveBookings: readonly BookingRecord[];
  /** Seats with a status that no live booking gives them. */
  readonly blocked: readonly number[];
  /** Uses of keys within {@link keyMemoryMs}, oldest first. */
  readonly keys: readonly { readonly sessionId: string; readonly key: string; readonly use: KeyUse }[];
}

/** A show as it stands after some commit. Only {@link loadState} and {@link applyEntry} change it. */
export interface ShowState {
  seq: number;
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
  readonly due: DueHolds;
  readonly keys: Map<string, KeyUse>;
}

/** The name of a session's key in {@link ShowState.keys}. Session ids have no spaces, so two never share one. */
export const keyName = (sessionId: string, key: string): string => `${sessionId} ${key}`;

/** Builds the state from the tables. */
export function loadState(seatCount: number, stored: StoredShow): ShowState {
  const state: ShowState = {
    seq: stored.seq,
    version: stored.version,
    seats: new Uint8Array(seatCount),
    counts: { free: seatCount, held: 0, sold: 0, blocked: 0 },
    bookings: new Map(),
    holders: new Map(),
    bySession: new Map(),
    heldBySession: new Map(),
    due: new DueHolds(),
    keys: new Map(stored.keys.map(({ sessionId, key, use }) => [keyName(sessionId, key), use])),
  };
  for (const booking of stored.liveBookings) addBooking(state, booking);
  for (const seat of stored.blocked) setStatus(state, seat, SeatStatus.blocked);
  return state;
}

/** Folds one commit into the state: what this node wrote, or what it missed. */
export function applyEntry(state: ShowState, entry: LogEntry): void {
  if (entry.seq !== state.seq + 1) throw new Error(`log entry ${entry.seq} does not follow ${state.seq}`);
  for (const change of entry.changes) applyChange(state, change);
  state.seq = entry.seq;
  state.version = entry.version;
}

/** The bookings that an entry changes, as they are after it; to be asked before the entry is applied. */
export function changedBookings(state: ShowState, entry: LogEntry): BookingRecord[] {
  const added = new Map<string, BookingRecord>();
  return entry.changes.flatMap((change) => {
    if (change.type === 'reserved') {
      added.set(change.booking.bookingId, change.booking);
      return change.booking;
    }
    const before = added.get(change.bookingId) ?? state.bookings.get(change.bookingId);
    return before ? { ...before, status: change.status, version: entry.version } : [];
  });
}

function applyChange(state: ShowState, change: ShowChange): void {
  switch (change.type) {
    case 'reserved':
      addBooking(state, change.booking);
      rememberKey(state, change.booking);
      break;
    case 'ended':
      removeBooking(state, change.bookingId);
      break;
  }
}

function addBooking(state: ShowState, booking: BookingRecord): void {
  state.bookings.set(booking.bookingId, booking);
  const status = booking.status === 'booked' ? SeatStatus.sold : SeatStatus.held;
  for (const seat of booking.seats) {
    state.holders.set(seat, booking.bookingId);
    setStatus(state, seat, status);
  }
  const ofSession = state.bySession.get(booking.sessionId);
  if (ofSession) ofSession.add(booking.bookingId);
  else state.bySession.set(booking.sessionId, new Set([booking.bookingId]));
  if (booking.expiresAt !== null) state.due.add(booking.bookingId, booking.expiresAt);
  countHeld(state, booking.sessionId, heldSeats(booking));
}

function removeBooking(state: ShowState, bookingId: string): void {
  const booking = state.bookings.get(bookingId);
  if (!booking) throw new Error(`the log ends booking ${bookingId}, which is not live`);
  state.bookings.delete(bookingId);
  for (const seat of booking.seats) {
    state.holders.delete(seat);
    setStatus(state, seat, SeatStatus.free);
  }
  const ofSession = state.bySession.get(booking.sessionId);
  ofSession?.delete(bookingId);
  if (ofSession?.size === 0) state.bySession.delete(booking.sessionId);
  if (booking.expiresAt !== null) state.due.delete(bookingId, booking.expiresAt);
  countHeld(state, booking.sessionId, -heldSeats(booking));
}

function countHeld(state: ShowState, sessionId: string, more: number): void {
  const held = (state.heldBySession.get(sessionId) ?? 0) + more;
  if (held > 0) state.heldBySession.set(sessionId, held);
  else state.heldBySession.delete(sessionId);
}

/** How many unpaid seats a booking holds. */
export const heldSeats = ({ status, seats }: BookingRecord): number => (status === 'reserved' ? seats.length : 0);

function rememberKey(state: ShowState, { bookingId, sessionId, usedKey, createdAt }: BookingRecord): void {
  if (!usedKey) return;
  // Oldest first: the map keeps the order in which keys came.
  for (const [name, use] of state.keys) {
    if (use.createdAt > createdAt - keyMemoryMs) break;
    state.keys.delete(name);
  }
  state.keys.set(keyName(sessionId, usedKey.key), { bodyHash: usedKey.bodyHash, bookingId, createdAt });
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
