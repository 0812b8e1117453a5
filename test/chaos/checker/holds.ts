import { SeatStatus } from '@usher/contract';
import type { BookingRow, ShowTables } from '../tables.js';
import type { Timeline } from './timeline.js';
import type { Violation } from './violation.js';

/** How late a hold may expire as long as a node runs, in ms. */
const lateMsMax = 1000;

/** How late the holds of a run expired. */
export interface Lateness {
  /** Delay between `expiresAt` and the actual expiry, in ms, of each hold that no fault disturbed. Sorted. */
  readonly undisturbed: readonly number[];
  /** The same delays of all holds, including those that a fault disturbed. Sorted. */
  readonly all: readonly number[];
}

/**
 * Checks that no hold expires early. Checks that no hold expires more than a second late as long as the database
 * answers and a node runs. The due time and the time of the expiry come from the database's clock. The times of events
 * at clients come from the recorder's clock.
 */
export function checkHolds(
  timeline: Timeline,
  shows: readonly ShowTables[],
): { violations: Violation[]; lateness: Lateness } {
  const violations: Violation[] = [];
  const undisturbed: number[] = [];
  const all: number[] = [];
  const broken = (description: string, about: string) =>
    violations.push({ promise: 'holds expire on time', description, about: [about] });
  for (const { log, bookings, now } of shows) {
    const due = new Map(bookings.map(({ bookingId, firstExpiresAt }) => [bookingId, firstExpiresAt]));
    const ended = log.flatMap(({ at, changes }) =>
      changes.flatMap((change) =>
        change.type === 'ended' && change.status === 'expired' ? [{ at, id: change.bookingId }] : [],
      ),
    );
    const overdue = bookings.filter(({ status, expiresAt }) => status === 'reserved' && (expiresAt ?? now) < now);
    for (const { at, id } of [...ended, ...overdue.map(({ bookingId }) => ({ at: now, id: bookingId }))]) {
      const expiresAt = due.get(id) ?? at;
      const late = at - expiresAt;
      if (late < 0) broken(`booking ${id} expired ${-late} ms early`, id);
      const [from, to] = [timeline.toRecorderTime(expiresAt).to, timeline.toRecorderTime(at).from];
      const felt = timeline.undisturbedMs(from, to);
      all.push(late);
      if (!timeline.isDisturbed(from, Math.max(from, to))) undisturbed.push(late);
      if (felt > lateMsMax)
        broken(`booking ${id} expired ${late} ms late, and no fault explains ${Math.round(felt)} ms of that`, id);
    }
  }
  violations.push(...findEarlyReports(timeline));
  return { violations, lateness: { undisturbed: undisturbed.toSorted(ascending), all: all.toSorted(ascending) } };
}

const ascending = (a: number, b: number): number => a - b;

function findEarlyReports(timeline: Timeline): Violation[] {
  const violations: Violation[] = [];
  for (const { booking, t } of timeline.reportedBookings()) {
    if (booking.status !== 'expired' || booking.expiresAt === null) continue;
    const { from } = timeline.toRecorderTime(Date.parse(booking.expiresAt));
    if (t >= from) continue;
    const description = `booking ${booking.bookingId} was reported as expired ${(from - t).toFixed(1)} ms early`;
    violations.push({ promise: 'holds expire on time', description, about: [booking.bookingId] });
  }
  return violations;
}

/**
 * Checks that each taken seat belongs to a live booking and that each live booking has its seats. Checks that the
 * ledger counts the held seats correctly.
 */
export function checkHeldSeats(shows: readonly ShowTables[]): Violation[] {
  return shows.flatMap(({ showId, seats, bookings, ledger }) => {
    const live = bookings.filter(({ status }) => status === 'reserved' || status === 'booked');
    const holder = new Map<string, BookingRow>(
      live.flatMap((row) => row.seats.map((seat) => [`${seat} ${row.bookingId}`, row] as const)),
    );
    const wrong: { description: string; about: string[] }[] = [];
    for (const { seat, bookingId } of seats) {
      const name = `${seat} ${bookingId ?? ''}`;
      if (!holder.delete(name))
        wrong.push({
          description: `the row of seat ${seat} names booking ${bookingId}, which is not live`,
          about: [bookingId ?? ''],
        });
    }
    for (const name of holder.keys()) {
      const [seat, bookingId = ''] = name.split(' ');
      wrong.push({
        description: `booking ${bookingId} is live but does not have its seat ${seat}`,
        about: [bookingId],
      });
    }
    const held = seats.filter(({ status }) => status === SeatStatus.held).length;
    if (held !== ledger.held)
      wrong.push({ description: `${held} seats are held, but the ledger counts ${ledger.held}`, about: [] });
    return wrong.map(({ description, about }) => ({
      promise: 'held seats have a live booking' as const,
      description: `show ${showId}: ${description}`,
      about,
    }));
  });
}
