import type { SeatCounts } from '@usher/contract';
import type { BookingRecord } from '../../src/shows/core/booking-record.js';
import { type KeyUse, keyName, type ShowState } from '../../src/shows/core/show-state.js';
import { type LogEntry, type ShowChange } from '../../src/shows/core/show-log.js';

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
  ]);

const countsText = ({ free, held, sold, blocked }: SeatCounts): string => [free, held, sold, blocked].join(' ');

const keyText = (name: string, use: KeyUse): string => [name, use.bodyHash, use.bookingId, use.createdAt].join(' ');

/** Everything that a state says of its show, as text: two states are the same exactly if their texts are. */
export function digestOf(state: ShowState): string {
  const { seq, version, seats, counts, bookings, holders, bySession, due, keys } = state;
  return [
    `at ${seq} ${version}`,
    `seats ${seats.join('')}`,
    `counts ${countsText(counts)}`,
    ...sorted([...bookings.values()].map(bookingText)),
    `holders ${sorted([...holders].map(([seat, id]) => `${seat}=${id}`)).join(' ')}`,
    ...sorted([...bySession].map(([session, ids]) => `${session}: ${sorted(ids).join(' ')}`)),
    `due ${sorted(due.endingBy(Infinity)).join(' ')}`,
    ...sorted([...keys].map(([name, use]) => keyText(name, use))),
  ].join('\n');
}

/**
 * The log folded in the plainest way, to hold the clever ways against: no index is kept, everything is derived anew
 * from the live bookings.
 */
export class PlainFold {
  seq = 0;
  version = 0;
  readonly live = new Map<string, BookingRecord>();
  private readonly keys = new Map<string, KeyUse>();

  constructor(private readonly seatCount: number) {}

  apply(entry: LogEntry): void {
    for (const change of entry.changes) this.change(change);
    this.seq = entry.seq;
    this.version = entry.version;
  }

  /** One status a seat. */
  seats(): Uint8Array {
    const seats = new Uint8Array(this.seatCount);
    for (const booking of this.live.values()) {
      for (const seat of booking.seats) seats[seat] = booking.status === 'booked' ? 2 : 1;
    }
    return seats;
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
    return [
      `at ${this.seq} ${this.version}`,
      `seats ${seats.join('')}`,
      `counts ${countsText({ free: count(0), held: count(1), sold: count(2), blocked: count(3) })}`,
      ...sorted(live.map(bookingText)),
      `holders ${sorted(holders).join(' ')}`,
      ...sorted([...sessions].map((session) => `${session}: ${ids(ofSession(session))}`)),
      `due ${ids(live.filter(({ expiresAt }) => expiresAt !== null))}`,
      ...sorted([...this.keys].map(([name, use]) => keyText(name, use))),
    ].join('\n');
  }

  private change(change: ShowChange): void {
    if (change.type === 'ended') {
      this.live.delete(change.bookingId);
      return;
    }
    const { booking } = change;
    this.live.set(booking.bookingId, booking);
    if (!booking.usedKey) return;
    const { bookingId, sessionId, createdAt, usedKey } = booking;
    this.keys.set(keyName(sessionId, usedKey.key), { bodyHash: usedKey.bodyHash, bookingId, createdAt });
  }
}
