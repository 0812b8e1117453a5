import { SeatStatus } from '@usher/contract';
import type { BookingRow, ShowTables } from '../tables.js';
import type { Timeline } from './timeline.js';
import type { Violation } from './violation.js';

/** How late a hold may end while a node lives, in ms. */
const lateMsMax = 1000;

/** What the ends of the holds were like. */
export interface Lateness {
  /** Ms after `expiresAt` at which each hold ended that nothing disturbed, in order of size. */
  readonly undisturbed: readonly number[];
  /** The same of all. */
  readonly all: readonly number[];
}

/**
 * No hold ends before its time, and none later than a second after while the database answers and a node lives. Both are
 * said by the database's clock; what clients heard is held against it by the recorder's.
 */
export function checkHolds(
  timeline: Timeline,
  shows: readonly ShowTables[],
): { violations: Violation[]; lateness: Lateness } {
  const violations: Violation[] = [];
  const undisturbed: number[] = [];
  const all: number[] = [];
  const broken = (what: string, about: string) =>
    violations.push({ promise: 'holds end in time', what, about: [about] });
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
      if (late < 0) broken(`booking ${id} ended ${-late} ms before its time`, id);
      const [from, to] = [timeline.moment(expiresAt).to, timeline.moment(at).from];
      const felt = timeline.undisturbedMs(from, to);
      all.push(late);
      if (!timeline.isDisturbed(from, Math.max(from, to))) undisturbed.push(late);
      if (felt > lateMsMax)
        broken(`booking ${id} ended ${late} ms late, ${Math.round(felt)} of them without a reason`, id);
    }
  }
  violations.push(...toldTooEarly(timeline));
  return { violations, lateness: { undisturbed: undisturbed.toSorted(ascending), all: all.toSorted(ascending) } };
}

const ascending = (a: number, b: number): number => a - b;

function toldTooEarly(timeline: Timeline): Violation[] {
  const violations: Violation[] = [];
  for (const { booking, t } of timeline.told()) {
    if (booking.status !== 'expired') continue;
    const { from } = timeline.moment(Date.parse(booking.expiresAt));
    if (t >= from) continue;
    const what = `booking ${booking.bookingId} was told as expired ${(from - t).toFixed(1)} ms before its time`;
    violations.push({ promise: 'holds end in time', what, about: [booking.bookingId] });
  }
  return violations;
}

/** Every seat that is not free is of a live booking that has it, every live booking has its seats, and the counts agree. */
export function checkHeld(shows: readonly ShowTables[]): Violation[] {
  return shows.flatMap(({ showId, seats, bookings, ledger }) => {
    const live = bookings.filter(({ status }) => status === 'reserved' || status === 'booked');
    const holder = new Map<string, BookingRow>(
      live.flatMap((row) => row.seats.map((seat) => [`${seat} ${row.bookingId}`, row] as const)),
    );
    const wrong: { what: string; about: string[] }[] = [];
    for (const { seat, bookingId } of seats) {
      const name = `${seat} ${bookingId ?? ''}`;
      if (!holder.delete(name))
        wrong.push({
          what: `seat ${seat} is held by ${bookingId ?? 'nobody'}, which is not live`,
          about: [bookingId ?? ''],
        });
    }
    for (const name of holder.keys()) {
      const [seat, bookingId = ''] = name.split(' ');
      wrong.push({ what: `booking ${bookingId} is live, but seat ${seat} is not its own`, about: [bookingId] });
    }
    const held = seats.filter(({ status }) => status === SeatStatus.held).length;
    if (held !== ledger.held) wrong.push({ what: `${held} seats are held, the ledger says ${ledger.held}`, about: [] });
    return wrong.map(({ what, about }) => ({
      promise: 'held means a live booking' as const,
      what: `show ${showId}: ${what}`,
      about,
    }));
  });
}
