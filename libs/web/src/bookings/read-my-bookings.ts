import { UsherError, type Usher } from '@usher/client';
import type { Booking, Show } from '@usher/contract';
import { forgetBookings, shouldRemember, getKnownBookingIds, rememberBookings } from './known-bookings.js';
import { isHeld } from './booking.js';

/** A booking with the show that it is for. */
export interface BookingWithShow {
  readonly booking: Booking;
  readonly show: Show;
}

/** Reads the bookings that this browser knows of, in the order in which they are wanted; forgets what is over. */
export async function readMyBookings(usher: Usher): Promise<readonly BookingWithShow[]> {
  const { bookings, catalog } = usher;
  const ids = getKnownBookingIds();
  const read = await Promise.all(ids.map((id) => readUnlessGone(bookings.read(id))));
  forgetBookings(ids.filter((_, index) => read[index] === null));
  const heard = read.filter((booking) => booking !== null);
  rememberBookings(heard);

  const kept = heard.filter(shouldRemember);
  const shows = new Map<number, Promise<Show>>();
  for (const { showId } of kept) if (!shows.has(showId)) shows.set(showId, catalog.show(showId));
  const mine = await Promise.all(
    kept.map(async (booking) => ({ booking, show: await (shows.get(booking.showId) ?? catalog.show(booking.showId)) })),
  );
  return sortMyBookings(mine, usher.serverNow());
}

const goneCodes: ReadonlySet<string> = new Set(['FORBIDDEN', 'NOT_FOUND', 'UNAUTHENTICATED']);

/** Null for a booking of another session, for one that does not exist, and for one whose link is no longer valid. */
async function readUnlessGone(read: Promise<Booking>): Promise<Booking | null> {
  try {
    return await read;
  } catch (thrown) {
    if (thrown instanceof UsherError && goneCodes.has(thrown.code)) return null;
    throw thrown;
  }
}

/** What runs out first, then the shows that are next, and last those that are over. */
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
