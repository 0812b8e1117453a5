import { layoutSeatsMax, layoutSideUnitsMax } from './layout-body.js';
import { LayoutTextError, quote } from './layout-text-words.js';
import type { SeatKind } from './layout.js';

/** The seat that a character of a drawing stands for. One unit of `width` is the width of a standard seat. */
export interface SeatType {
  readonly tier: string;
  readonly kind: SeatKind;
  readonly width: number;
}

/**
 * A seat of a drawn row. `along` is the distance from the centre of the row to the centre of the seat. It is negative
 * if the seat is to the left.
 */
export interface DrawnSeat extends SeatType {
  readonly along: number;
}

const tooManySeats = `the hall would have more than ${layoutSeatsMax.toLocaleString('en')} seats`;

const tooWide = `it is wider than ${layoutSideUnitsMax.toLocaleString('en')} seats`;

const run = /(\d{0,6})(\S)/gu;

/**
 * Parses the drawing of a row. Each character stands for one seat, or for several if a count precedes it (`4s_12s_4s`).
 * `_` is an aisle and `.` is an empty place.
 *
 * @param types the seat types that the other characters stand for
 * @param seatsMax maximum number of seats in the row
 * @returns the seats from left to right
 * @throws LayoutTextError if the drawing is not valid
 */
export function parseRowDrawing(
  drawing: string,
  types: ReadonlyMap<string, SeatType>,
  aisleWidth: number,
  seatsMax: number,
): DrawnSeat[] {
  if (/\d$/.test(drawing.slice(-1))) {
    throw new LayoutTextError(`${quote(drawing)} ends with a number; a character must follow a number`);
  }
  const seats: DrawnSeat[] = [];
  let at = 0;
  for (const [, count = '', character = ''] of drawing.matchAll(run)) {
    const type = types.get(character);
    const width = type?.width ?? getEmptyWidth(character, aisleWidth, types);
    const times = count === '' ? 1 : Number(count);
    if (times === 0) throw new LayoutTextError(`"${count}${character}" draws nothing`);
    if (type) {
      if (seats.length + times > seatsMax) throw new LayoutTextError(tooManySeats);
      for (let place = 0; place < times; place++) seats.push({ ...type, along: at + (place + 0.5) * width });
    }
    at += times * width;
    if (at > layoutSideUnitsMax) throw new LayoutTextError(tooWide);
  }
  if (seats.length === 0) throw new LayoutTextError('it has no seats');
  return seats.map((seat) => ({ ...seat, along: seat.along - at / 2 }));
}

function getEmptyWidth(character: string, aisleWidth: number, types: ReadonlyMap<string, SeatType>): number {
  if (character === '_') return aisleWidth;
  if (character === '.') return 1;
  const known = [...types.keys()].join(' ');
  throw new LayoutTextError(`"${character}" is not a seat; use ${known}, _ for an aisle or . for an empty place`);
}
