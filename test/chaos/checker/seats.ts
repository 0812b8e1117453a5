import type { SeenBooking } from '../messages.js';
import type { Timeline } from './timeline.js';
import type { Violation } from './violation.js';

/** A booking and the period in which it must have had its seats, however late messages arrived. */
interface Life {
  readonly bookingId: string;
  readonly seats: readonly number[];
  readonly from: number;
  readonly to: number;
}

/**
 * Checks that no seat is in two live bookings. Uses only what clients saw. A booking is certainly live from the first
 * time a client hears of it until a client asks to release it or it expires. These periods must not overlap for two
 * bookings of the same seat. If they do not overlap, there is an order of events in which the seat never had two
 * holders.
 */
export function checkSeats(timeline: Timeline): Violation[] {
  const lives = [...findCertainLives(timeline)];
  return timeline.shows.flatMap(({ showId }) => {
    const bySeat = new Map<number, Life[]>();
    for (const life of lives.filter((one) => one.showId === showId)) {
      for (const seat of life.seats) bySeat.set(seat, [...(bySeat.get(seat) ?? []), life]);
    }
    return [...bySeat].flatMap(([seat, ofSeat]) => overlaps(showId, seat, ofSeat));
  });
}

function overlaps(showId: number, seat: number, lives: readonly Life[]): Violation[] {
  const violations: Violation[] = [];
  let last: Life | null = null;
  for (const life of lives.toSorted((a, b) => a.from - b.from)) {
    if (last && life.from < last.to) {
      const both = (Math.min(last.to, life.to) - life.from).toFixed(1);
      violations.push({
        promise: 'one booking per seat',
        description: `seat ${seat} of show ${showId} was in ${last.bookingId} and in ${life.bookingId} for ${both} ms`,
        about: [last.bookingId, life.bookingId],
      });
    }
    if (!last || life.to > last.to) last = life;
  }
  return violations;
}

function* findCertainLives(timeline: Timeline): Generator<Life & { showId: number }> {
  const known = new Map<string, { readonly booking: SeenBooking; readonly t: number }>();
  for (const { booking, t } of timeline.reportedBookings()) {
    if (booking.status === 'reserved' && !known.has(booking.bookingId)) known.set(booking.bookingId, { booking, t });
  }
  const releases = new Map<string, number>();
  for (const { event, payload, invoked } of timeline.calls) {
    const bookingId = String(payload.bookingId);
    if (event === 'reservation:release' && !releases.has(bookingId)) releases.set(bookingId, invoked);
  }
  for (const [bookingId, { booking, t }] of known) {
    if (booking.expiresAt === null) continue;
    const expiry = timeline.toRecorderTime(Date.parse(booking.expiresAt)).from;
    const to = Math.min(releases.get(bookingId) ?? Infinity, expiry);
    const seats = booking.seats.map(({ seat }) => seat);
    if (to > t) yield { bookingId, showId: booking.showId, seats, from: t, to };
  }
}

/**
 * Checks that versions agree with real time: if a call was answered before another call began, its version must be
 * lower.
 */
export function checkOrderOfTime(timeline: Timeline): Violation[] {
  const keys = new Map<string, number>();
  const nameOf = (sessionId: string, key: unknown) => `${sessionId} ${String(key)}`;
  for (const { sessionId, payload } of timeline.calls) {
    if (payload.key === undefined) continue;
    keys.set(nameOf(sessionId, payload.key), (keys.get(nameOf(sessionId, payload.key)) ?? 0) + 1);
  }
  const done = timeline.calls.flatMap(({ call, event, answer, invoked, ended, sessionId, payload }) => {
    if (!answer?.ok || (event !== 'reservation:create' && event !== 'reservation:release')) return [];
    // If several calls have the same key, an answer may report the effect of an earlier call.
    if (payload.key !== undefined && keys.get(nameOf(sessionId, payload.key)) !== 1) return [];
    const { showId, version } = answer.booking!;
    return [{ call, showId, version, invoked, ended }];
  });
  return timeline.shows.flatMap(({ showId }) => {
    const ofShow = done.filter((one) => one.showId === showId);
    const ends = ofShow.toSorted((a, b) => a.ended - b.ended);
    let latest: (typeof done)[number] | null = null;
    let next = 0;
    return ofShow
      .toSorted((a, b) => a.invoked - b.invoked)
      .flatMap((one): Violation[] => {
        for (; next < ends.length && ends[next]!.ended < one.invoked; next++) {
          if (!latest || ends[next]!.version > latest.version) latest = ends[next]!;
        }
        if (!latest || latest.version < one.version) return [];
        const description = `call ${one.call} made version ${one.version} of show ${showId} after call ${latest.call} was answered with version ${latest.version}`;
        return [{ promise: 'versions follow time', description, about: [latest.call, one.call] }];
      });
  });
}
