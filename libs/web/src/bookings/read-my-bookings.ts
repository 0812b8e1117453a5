import { type Usher, UsherError } from '@usher/client';
import type { Booking, Show } from '@usher/contract';
import { isHeld } from './booking.js';
import { forgetBookings, getKnownBookingIds, rememberBookings, shouldRemember } from './known-bookings.js';

/** A booking and its show. */
export interface BookingWithShow {
  readonly booking: Booking;
  readonly show: Show;
}

/** Reads the bookings that this browser remembers, most urgent first. Forgets bookings that have ended. */
export async function readMyBookings(usher: Usher): Promise<readonly BookingWithShow[]> {
  const { bookings, catalog } = usher;
  const ids = getKnownBookingIds();
  const read = await Promise.all(ids.map((id) => readUnlessGone(bookings.read(id))));
  forgetBookings(ids.filter((_, index) => read[index] === null));
  const found = read.filter((booking) => booking !== null);
  rememberBookings(found);

  const current = found.filter(shouldRemember);
  const shows = new Map<number, Promise<Show>>();
  for (const { showId } of current) if (!shows.has(showId)) shows.set(showId, catalog.show(showId));
  const mine = await Promise.all(
    current.map(async (booking) => ({
      booking,
      show: await (shows.get(booking.showId) ?? catalog.show(booking.showId)),
    })),
  );
  return sortMyBookings(mine, usher.serverNow());
}

const goneCodes: ReadonlySet<string> = new Set(['FORBIDDEN', 'NOT_FOUND', 'UNAUTHENTICATED']);

/**
 * Returns null if the booking belongs to another session, if it does not exist, or if the link to it is no longer valid.
 */
async function readUnlessGone(read: Promise<Booking>): Promise<Booking | null> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof UsherError && goneCodes.has(error.code)) return null;
    throw error;
  }
}

/** Puts holds first, sorted by their end. Bookings of upcoming shows follow, sorted by start. Past shows come last. */
function sortMyBookings(mine: readonly BookingWithShow[], now: number): readonly BookingWithShow[] {
  const rank = ({ booking, show }: BookingWithShow): readonly [number, number] => {
    if (isHeld(booking)) return [0, Date.parse(booking.expiresAt)];
    const startsAt = Date.parse(show.startsAt);
    return [startsAt + show.movie.durationMinutes * 60_000 > now ? 1 : 2, startsAt];
  };
  return mine.toSorted((a, b) => {
    const [[groupA, atA], [groupB, atB]] = [rank(a), rank(b)];
    return groupA - groupB || atA - atB;
  });
}
