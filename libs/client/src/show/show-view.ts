import type { ShowView } from './show-types.js';

/** The seat fields of a view without a map. */
export const emptySeatMap: Pick<ShowView, 'version' | 'seatCount' | 'seats' | 'counts'> = {
  version: 0,
  seatCount: 0,
  seats: new Uint8Array(0),
  counts: { free: 0, held: 0, sold: 0, blocked: 0 },
};

/** Returns the view of a store that has not received anything. */
export const initialView = (showId: number): ShowView => ({
  showId,
  connection: 'connecting',
  access: 'open',
  queue: null,
  offer: null,
  lineEnd: null,
  ...emptySeatMap,
  bookings: [],
  show: null,
  termsChange: null,
  challenge: 'none',
  error: null,
});

/** The fields of a view that do not come from the map, the bookings, the terms or the line. */
export type ViewChange = Partial<Pick<ShowView, 'connection' | 'access' | 'challenge' | 'error'>>;

/** Returns whether two views are equal. It compares references, because maps and lists are immutable. */
export function isSameView(a: ShowView, b: ShowView): boolean {
  return (
    a.connection === b.connection &&
    a.access === b.access &&
    a.queue === b.queue &&
    a.offer === b.offer &&
    a.lineEnd === b.lineEnd &&
    a.version === b.version &&
    a.seats === b.seats &&
    a.bookings === b.bookings &&
    a.show === b.show &&
    a.termsChange === b.termsChange &&
    a.challenge === b.challenge &&
    a.error === b.error
  );
}
