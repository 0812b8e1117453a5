import type { SeenBooking } from '../messages.js';
import type { BookingRow, ShowTables } from '../tables.js';
import type { Call, Timeline } from './timeline.js';
import type { Violation } from './violation.js';

const sameSeats = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.toSorted((x, y) => x - y).join() === b.toSorted((x, y) => x - y).join();

/**
 * Checks that every booking reported to a client is in the database, either as reported or in a later state that the
 * reported one allows.
 */
export function checkAcknowledged(timeline: Timeline, shows: readonly ShowTables[]): Violation[] {
  const rows = new Map(
    shows.flatMap(({ showId, bookings, now }) => bookings.map((row) => [row.bookingId, { showId, row, now }])),
  );
  const releases = releasesOf(timeline);
  const reported = new Set<string>();
  const violations: Violation[] = [];
  for (const { booking } of timeline.reportedBookings()) {
    const name = `${booking.bookingId} ${booking.status}`;
    if (reported.has(name)) continue;
    reported.add(name);
    const found = rows.get(booking.bookingId);
    const wrong = found
      ? (differences(booking, found.row, found.showId) ?? illegal(booking, found.row, found.now, releases))
      : 'is not in the database';
    if (wrong === null) continue;
    const description = `booking ${booking.bookingId} was reported as ${booking.status} but ${wrong}`;
    violations.push({ promise: 'acknowledged bookings exist', description, about: [booking.bookingId] });
  }
  return violations;
}

function differences(reported: SeenBooking, row: BookingRow, showId: number): string | null {
  if (reported.showId !== showId) return `is of show ${showId}`;
  if (reported.sessionId !== row.sessionId) return `is of session ${row.sessionId}`;
  if (
    !sameSeats(
      reported.seats.map(({ seat }) => seat),
      row.seats,
    )
  )
    return `has the seats ${row.seats.join(', ')}`;
  if (reported.version > row.version)
    return `has version ${row.version}, older than the reported version ${reported.version}`;
  if (reported.expiresAt !== null && Date.parse(reported.expiresAt) < row.firstExpiresAt)
    return 'expires later than reported';
  return null;
}

/** Returns why a booking with the reported status cannot have the row's status now, or null if it can. */
function illegal(reported: SeenBooking, row: BookingRow, now: number, releases: ReadonlySet<string>): string | null {
  if (
    reported.status !== 'reserved' &&
    reported.status !== row.status &&
    !(reported.status === 'booked' && row.status === 'refunded')
  ) {
    return `is ${row.status}`;
  }
  if (row.status === 'released' && !releases.has(row.bookingId)) return 'was released, but no client asked for that';
  if (row.status === 'expired' && now < (row.expiresAt ?? Infinity)) return 'expired before its time';
  return null;
}

/** Returns the ids of all bookings that some call may have released. */
function releasesOf(timeline: Timeline): Set<string> {
  return new Set(
    timeline.calls
      .filter(({ event, answer }) => event === 'reservation:release' && canHaveHappened(answer))
      .map(({ payload }) => String(payload.bookingId)),
  );
}

const canHaveHappened = (answer: Call['answer']): boolean =>
  answer === null || answer.ok || answer.error.code === 'INTERNAL';

/**
 * Checks that some call requested each booking in the database, and that no call made more than one booking. Skips the
 * bookings that a line offered, because no call requests those.
 */
export function checkUnrequested(timeline: Timeline, shows: readonly ShowTables[]): Violation[] {
  const creates = timeline.calls.filter(({ event }) => event === 'reservation:create');
  const bySession = Map.groupBy(creates, ({ sessionId }) => sessionId);
  const used = new Set<number>();
  return shows.flatMap(({ showId, bookings }) =>
    bookings.flatMap((row): Violation[] => {
      if (row.ticket !== null) return [];
      const calls = (bySession.get(row.sessionId) ?? []).filter(({ payload }) => payload.showId === showId);
      const answered = calls.filter(({ answer }) => answer?.ok === true && answer.booking?.bookingId === row.bookingId);
      const maker =
        answered[0] ?? calls.find((call) => !used.has(call.call) && isUnknown(call) && canHaveMade(call, row));
      if (maker) {
        used.add(maker.call);
        return [];
      }
      const description = `booking ${row.bookingId} of show ${showId} exists, but no acknowledged or unanswered call of its session can have made it`;
      return [{ promise: 'no booking without a request', description, about: [row.bookingId, row.sessionId] }];
    }),
  );
}

const isUnknown = ({ answer }: Call): boolean => answer === null || (!answer.ok && answer.error.code === 'INTERNAL');

function canHaveMade({ payload }: Call, row: BookingRow): boolean {
  if ((payload.key ?? null) !== row.key) return false;
  if (payload.best) return payload.best.count === row.seats.length;
  const { seats = [] } = payload;
  return payload.onConflict === undefined ? sameSeats(seats, row.seats) : seats.length === row.seats.length;
}

/**
 * Checks that an idempotency key makes at most one booking, however often a client sends the key and to whichever
 * nodes.
 */
export function checkKeys(timeline: Timeline, shows: readonly ShowTables[]): Violation[] {
  const answers = new Map<string, string>();
  const violations: Violation[] = [];
  const twice = (name: string, about: readonly string[]) => {
    violations.push({ promise: 'one effect per key', description: `key ${name} made ${about.join(' and ')}`, about });
  };
  for (const { event, answer, payload, sessionId } of timeline.calls) {
    if (event !== 'reservation:create' || payload.key === undefined || !answer?.ok) continue;
    const name = JSON.stringify([sessionId, payload.showId, payload.key]);
    const { bookingId } = answer.booking!;
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
