import type { Entry, Happening } from '../history.js';
import type { Answer, CallPayload, SeenBooking } from '../messages.js';
import type { BookingRow, ShowTables } from '../tables.js';
import { check } from './check.js';

/** The database's time when the recorder's clock is 0. */
export const zero = Date.parse('2026-11-23T18:00:00.000Z');
export const holdMs = 2000;
export const [one, two] = ['booking-one', 'booking-two'];

/** Returns a history: the entries that every history begins with, and then the given entries at the given times. */
export function history(...happenings: readonly (readonly [number, Happening])[]): Entry[] {
  const shows = [{ showId: 1, seatCount: 4, shoppersMax: null, isStrict: false }];
  const begin: [number, Happening][] = [
    [0, { kind: 'run', seed: 1, holdMs, shows }],
    [0, { kind: 'clock', db: zero, errorMs: 1 }],
  ];
  return [...begin, ...happenings].map(([t, happening]) => ({ t, ...happening }));
}

export const booking = (
  bookingId: string,
  seats: number[],
  bookedAt: number,
  other: Partial<SeenBooking> = {},
): SeenBooking => ({
  bookingId,
  showId: 1,
  sessionId: `session of ${bookingId}`,
  status: 'reserved',
  seats: seats.map((seat) => ({ seat })),
  expiresAt: new Date(zero + bookedAt + holdMs).toISOString(),
  version: 1,
  ...other,
});

/** Returns the entries of a call and of its answer. If `answer` is null, the call gets none. */
export const call = (
  number: number,
  [invoked, ended]: readonly [number, number],
  event: 'reservation:create' | 'reservation:release' | 'show:sync' | 'queue:status' | 'queue:join',
  payload: CallPayload,
  answer: Answer | null,
  sessionId = `session of ${one}`,
): (readonly [number, Happening])[] => [
  [invoked, { kind: 'call', call: number, socket: 1, sessionId, event, payload: { showId: 1, ...payload } }],
  [ended, answer ? { kind: 'answer', call: number, answer } : { kind: 'lost', call: number, reason: 'cut' }],
];

export const reserved = (
  number: number,
  times: readonly [number, number],
  made: SeenBooking,
  payload: CallPayload = {},
) => {
  const seats = made.seats.map(({ seat }) => seat);
  return call(number, times, 'reservation:create', { seats, ...payload }, { ok: true, booking: made }, made.sessionId);
};

export const row = (made: SeenBooking, bookedAt: number, other: Partial<BookingRow> = {}): BookingRow => ({
  bookingId: made.bookingId,
  sessionId: made.sessionId,
  status: 'reserved',
  seats: made.seats.map(({ seat }) => seat),
  createdAt: zero + bookedAt,
  expiresAt: zero + bookedAt + holdMs,
  firstExpiresAt: zero + bookedAt + holdMs,
  firstVersion: 1,
  version: 1,
  key: null,
  ticket: null,
  ...other,
});

/** Returns the tables of a database in which these bookings were made one after the other. */
export function tables(rows: readonly BookingRow[], other: Partial<ShowTables> = {}): ShowTables[] {
  const log = rows.map(({ bookingId, sessionId, seats, createdAt, firstExpiresAt: expiresAt }, index) => ({
    seq: index + 1,
    version: index + 1,
    at: createdAt,
    changes: [
      {
        type: 'reserved' as const,
        booking: {
          bookingId,
          sessionId,
          seats,
          expiresAt,
          amounts: [],
          currency: 'EUR',
          substituted: false,
          usedKey: null,
        },
      },
    ],
  }));
  const seats = rows.flatMap((one_) => one_.seats.map((seat) => ({ seat, status: 1, bookingId: one_.bookingId })));
  const counts = { free: 4 - seats.length, held: seats.length, sold: 0, blocked: 0 };
  const ledger = { seq: log.length, version: log.length, ...counts };
  return [{ showId: 1, now: zero + 1000, ledger, log, seats, bookings: rows, chain: [], waiters: [], ...other }];
}

export const findBrokenPromises = (entries: Entry[], shows: ShowTables[]): string[] => [
  ...new Set(check(entries, shows).violations.map(({ promise }) => promise)),
];

export const first = booking(one, [0, 1], 10);
export const second = booking(two, [2], 20, { version: 2 });
export const bothRows = () => [row(first, 10), row(second, 20, { firstVersion: 2, version: 2 })];
