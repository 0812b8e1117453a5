import type { Booking } from '@usher/contract';
import type { Timeline } from './timeline.js';
import type { Violation } from './violation.js';

/** A booking in the time in which it must have had its seats, whatever the messages' delays were. */
interface Life {
  readonly bookingId: string;
  readonly seats: readonly number[];
  readonly from: number;
  readonly to: number;
}

/**
 * No seat in two live bookings, from what clients were told alone. A booking surely lives from when anybody was told of
 * it until its release was first asked for, or its time was up: of two bookings of one seat these stretches must not
 * overlap, and where none do, each booking can be given a moment of beginning and end within its calls' bounds so that
 * the seat has one holder at a time.
 */
export function checkSeats(timeline: Timeline): Violation[] {
  const lives = [...surelyLive(timeline)];
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
        promise: 'one booking a seat',
        what: `seat ${seat} of show ${showId} was in ${last.bookingId} and in ${life.bookingId} for ${both} ms`,
        about: [last.bookingId, life.bookingId],
      });
    }
    if (!last || life.to > last.to) last = life;
  }
  return violations;
}

function* surelyLive(timeline: Timeline): Generator<Life & { showId: number }> {
  const known = new Map<string, { readonly booking: Booking; readonly t: number }>();
  for (const { booking, t } of timeline.told()) {
    if (booking.status === 'reserved' && !known.has(booking.bookingId)) known.set(booking.bookingId, { booking, t });
  }
  const releases = new Map<string, number>();
  for (const { event, payload, invoked } of timeline.calls) {
    const bookingId = String(payload.bookingId);
    if (event === 'reservation:release' && !releases.has(bookingId)) releases.set(bookingId, invoked);
  }
  for (const [bookingId, { booking, t }] of known) {
    if (booking.expiresAt === null) continue;
    const expiry = timeline.moment(Date.parse(booking.expiresAt)).from;
    const to = Math.min(releases.get(bookingId) ?? Infinity, expiry);
    const seats = booking.seats.map(({ seat }) => seat);
    if (to > t) yield { bookingId, showId: booking.showId, seats, from: t, to };
  }
}

/**
 * The order of the log agrees with that of the clients' clock: what was answered before another call was made has the
 * lower version.
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
    // A key that was sent again is answered for what an earlier call did.
    if (payload.key !== undefined && keys.get(nameOf(sessionId, payload.key)) !== 1) return [];
    const { showId, version } = answer.booking as Booking;
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
        const what = `call ${one.call} made version ${one.version} of show ${showId} after call ${latest.call} was answered with version ${latest.version}`;
        return [{ promise: 'order of time', what, about: [latest.call, one.call] }];
      });
  });
}
