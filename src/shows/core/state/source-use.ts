import { type BookingRecord, heldSeatCount } from '../model/booking-record.js';
import type { Stay, Waiter } from '../model/waiter.js';

/**
 * Counts the unpaid seats and the places of each source, and the seats that its parties wait for. Sources that have none
 * are not in memory. A place is a wait in a line, or a stay.
 */
export class SourceUse {
  /** The committed counts on which this one is based, for a draft. The counts of a draft are differences. */
  constructor(private readonly committed: SourceUse | null = null) {}

  private readonly seats = new Map<string, number>();
  private readonly places = new Map<string, number>();
  private readonly waitingSeats = new Map<string, number>();

  /** Returns the number of unpaid seats that the source holds. */
  seatsOf(source: string): number {
    return (this.committed?.seatsOf(source) ?? 0) + (this.seats.get(source) ?? 0);
  }

  /** Returns the number of places in lines and of stays that the source has. */
  placesOf(source: string): number {
    return (this.committed?.placesOf(source) ?? 0) + (this.places.get(source) ?? 0);
  }

  /** Returns the sum of the sizes of the source's parties in the line for seats. */
  waitingSeatsOf(source: string): number {
    return (this.committed?.waitingSeatsOf(source) ?? 0) + (this.waitingSeats.get(source) ?? 0);
  }

  /** Counts a booking that changes. Null stands for a booking that does not exist, or that holds nothing any more. */
  changeBooking(before: BookingRecord | null, after: BookingRecord | null): void {
    if (before && before.source !== null) add(this.seats, before.source, -heldSeatCount(before));
    if (after && after.source !== null) add(this.seats, after.source, heldSeatCount(after));
  }

  addPlace(place: Waiter | Stay): void {
    this.countPlace(place, 1);
  }

  removePlace(place: Waiter | Stay): void {
    this.countPlace(place, -1);
  }

  /** Iterates over the counts of all sources that have seats or places. Not for a draft. */
  *entries(): Iterable<readonly [source: string, seats: number, places: number, waitingSeats: number]> {
    for (const source of new Set([...this.seats.keys(), ...this.places.keys()])) {
      yield [source, this.seatsOf(source), this.placesOf(source), this.waitingSeatsOf(source)];
    }
  }

  private countPlace(place: Waiter | Stay, difference: 1 | -1): void {
    const { source } = place;
    if (source === null) return;
    add(this.places, source, difference);
    if ('line' in place && place.line === 'seats') add(this.waitingSeats, source, difference * place.partySize);
  }
}

function add(counts: Map<string, number>, source: string, more: number): void {
  if (more === 0) return;
  const count = (counts.get(source) ?? 0) + more;
  if (count === 0) counts.delete(source);
  else counts.set(source, count);
}
