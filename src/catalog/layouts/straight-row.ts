import type { LayoutSeat, SeatKind } from '@usher/contract';

/** What one character of a drawn row stands for; `width` in units. A wheelchair place is half as wide again as a seat. */
interface Place {
  readonly width: number;
  readonly kind: SeatKind | 'aisle';
  readonly premium?: boolean;
}

const places: Readonly<Record<string, Place>> = {
  s: { width: 1, kind: 'standard' },
  S: { width: 1, kind: 'standard', premium: true },
  w: { width: 1.5, kind: 'wheelchair' },
  c: { width: 1, kind: 'companion' },
  // 1.2 makes the step between the two neighbours of the aisle 2.2: clearly more than the 2 that mean an aisle.
  _: { width: 1.2, kind: 'aisle' },
};

/** A straight row as it is drawn. */
export interface DrawnRow {
  /** One character a place: `s` seat, `S` premium seat, `w` wheelchair place, `c` companion seat, `_` aisle. */
  readonly drawing: string;
  readonly section: string;
  readonly row: string;
  readonly y: number;
}

/**
 * The seats of a straight row, left to right, centred on x = 0, numbered from 1 across its aisles.
 *
 * @throws RangeError for a character that stands for nothing
 */
export function straightRow({ drawing, section, row, y }: DrawnRow): LayoutSeat[] {
  const drawn = Array.from(drawing, (character) => {
    const place = places[character];
    if (place === undefined) throw new RangeError(`row ${row}: "${character}" stands for no kind of place`);
    return place;
  });
  const seats: LayoutSeat[] = [];
  let x = -drawn.reduce((sum, { width }) => sum + width, 0) / 2;
  for (const { width, kind, premium } of drawn) {
    if (kind !== 'aisle') {
      const number = String(seats.length + 1);
      const tier = premium ? 'premium' : 'standard';
      seats.push({ label: `${row}${number}`, section, row, number, x: x + width / 2, y, tier, kind });
    }
    x += width;
  }
  return seats;
}
