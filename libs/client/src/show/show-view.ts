import type { LineView, ShowView } from '../types.js';

/** Of a view of who stands in no line. */
export const noLine: LineView = { queue: null, offer: null, lineEnd: null };

/** Of a view without a map. */
export const noSeats: Pick<ShowView, 'version' | 'seatCount' | 'seats' | 'counts'> = {
  version: 0,
  seatCount: 0,
  seats: new Uint8Array(0),
  counts: { free: 0, held: 0, sold: 0, blocked: 0 },
};

/** What a store knows at first. */
export const firstView = (showId: number): ShowView => ({
  showId,
  connection: 'connecting',
  access: 'open',
  ...noLine,
  ...noSeats,
  bookings: [],
  show: null,
  change: null,
  error: null,
});

/** What of a view does not come from the map, the bookings or the line. */
export type ViewChange = Partial<Pick<ShowView, 'connection' | 'access' | 'error'>>;

/** Whether nobody could tell one view from the other. Maps and lists are never written to, so their identity decides. */
export function isSame(a: ShowView, b: ShowView): boolean {
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
    a.change === b.change &&
    a.error === b.error
  );
}
