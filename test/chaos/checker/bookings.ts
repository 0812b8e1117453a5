import type { Booking } from '@usher/contract';
import type { BookingRow, ShowTables } from '../tables.js';
import type { Call, Timeline } from './timeline.js';
import type { Violation } from './violation.js';

const sameSeats = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.toSorted((x, y) => x - y).join() === b.toSorted((x, y) => x - y).join();

/** Every booking that a client was told of is in the database, as it was told or in a state that may follow. */
export function checkAcknowledged(timeline: Timeline, shows: readonly ShowTables[]): Violation[] {
  const rows = new Map(
    shows.flatMap(({ showId, bookings, now }) => bookings.map((row) => [row.bookingId, { showId, row, now }])),
  );
  const asked = releasesOf(timeline);
  const told = new Set<string>();
  const violations: Violation[] = [];
  for (const { booking } of timeline.told()) {
    const name = `${booking.bookingId} ${booking.status}`;
    if (told.has(name)) continue;
    told.add(name);
    const found = rows.get(booking.bookingId);
    const wrong = found
      ? (differences(booking, found.row, found.showId) ?? illegal(booking, found.row, found.now, asked))
      : 'is not in the database';
    if (wrong === null) continue;
    const what = `booking ${booking.bookingId}, told as ${booking.status}, ${wrong}`;
    violations.push({ promise: 'acknowledged is there', what, about: [booking.bookingId] });
  }
  return violations;
}

function differences(told: Booking, row: BookingRow, showId: number): string | null {
  if (told.showId !== showId) return `is of show ${showId}`;
  if (told.sessionId !== row.sessionId) return `is of session ${row.sessionId}`;
  if (
    !sameSeats(
      told.seats.map(({ seat }) => seat),
      row.seats,
    )
  )
    return `has the seats ${row.seats.join(', ')}`;
  if (told.version > row.version) return `has version ${row.version}, told was ${told.version}`;
  if (told.expiresAt !== null && Date.parse(told.expiresAt) < row.firstExpiresAt) return 'ends later than was told';
  return null;
}

/** Statuses that may follow the one that was told, and what must have happened for that. */
function illegal(told: Booking, row: BookingRow, now: number, releases: ReadonlySet<string>): string | null {
  if (
    told.status !== 'reserved' &&
    told.status !== row.status &&
    !(told.status === 'booked' && row.status === 'refunded')
  ) {
    return `is ${row.status}`;
  }
  if (row.status === 'released' && !releases.has(row.bookingId)) return 'was released, which nobody asked for';
  if (row.status === 'expired' && now < (row.expiresAt ?? Infinity)) return 'expired before its time';
  return null;
}

/** Bookings whose release may have been done. */
function releasesOf(timeline: Timeline): Set<string> {
  return new Set(
    timeline.calls
      .filter(({ event, answer }) => event === 'reservation:release' && mayHaveHappened(answer))
      .map(({ payload }) => String(payload.bookingId)),
  );
}

const mayHaveHappened = (answer: Call['answer']): boolean =>
  answer === null || answer.ok || answer.error.code === 'INTERNAL';

/** Every booking of the database was asked for, and no call made two. */
export function checkUnasked(timeline: Timeline, shows: readonly ShowTables[]): Violation[] {
  const creates = timeline.calls.filter(({ event }) => event === 'reservation:create');
  const bySession = Map.groupBy(creates, ({ sessionId }) => sessionId);
  const used = new Set<number>();
  return shows.flatMap(({ showId, bookings }) =>
    bookings.flatMap((row): Violation[] => {
      if (row.ticket !== null) return [];
      const calls = (bySession.get(row.sessionId) ?? []).filter(({ payload }) => payload.showId === showId);
      const answered = calls.filter(
        ({ answer }) => answer?.ok === true && (answer.booking as Booking).bookingId === row.bookingId,
      );
      const maker =
        answered[0] ?? calls.find((call) => !used.has(call.call) && isUnknown(call) && mayHaveMade(call, row));
      if (maker) {
        used.add(maker.call);
        return [];
      }
      const what = `booking ${row.bookingId} of show ${showId} was made, but no call of its session was answered so or lost`;
      return [{ promise: 'nothing unasked for', what, about: [row.bookingId, row.sessionId] }];
    }),
  );
}

const isUnknown = ({ answer }: Call): boolean => answer === null || (!answer.ok && answer.error.code === 'INTERNAL');

function mayHaveMade({ payload }: Call, row: BookingRow): boolean {
  if ((payload.key ?? null) !== row.key) return false;
  if ('best' in payload) return (payload.best as { count: number }).count === row.seats.length;
  const seats = payload.seats as readonly number[];
  return payload.onConflict === undefined ? sameSeats(seats, row.seats) : seats.length === row.seats.length;
}

/** The same key has one effect, however often, on whichever node. */
export function checkKeys(timeline: Timeline, shows: readonly ShowTables[]): Violation[] {
  const answers = new Map<string, string>();
  const violations: Violation[] = [];
  const twice = (name: string, about: readonly string[]) => {
    violations.push({ promise: 'one effect a key', what: `key ${name} made ${about.join(' and ')}`, about });
  };
  for (const { event, answer, payload, sessionId } of timeline.calls) {
    if (event !== 'reservation:create' || payload.key === undefined || !answer?.ok) continue;
    const name = JSON.stringify([sessionId, payload.showId, payload.key]);
    const { bookingId } = answer.booking as Booking;
    const before = answers.get(name);
    if (before !== undefined && before !== bookingId) twice(name, [before, bookingId]);
    answers.set(name, bookingId);
  }
  for (const { showId, bookings } of shows) {
    const keyed = Map.groupBy(
      bookings.filter(({ key }) => key !== null),
      ({ sessionId, key }) => `${sessionId} ${showId} ${key}`,
    );
    for (const [name, rows] of keyed)
      if (rows.length > 1)
        twice(
          name,
          rows.map(({ bookingId }) => bookingId),
        );
  }
  return violations;
}
