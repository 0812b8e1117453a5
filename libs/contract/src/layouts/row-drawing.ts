import type { SeatKind } from '../primitives.js';
import { layoutSeatsMax, layoutSideUnitsMax } from './layout-body.js';
import { LayoutTextError, quote } from './text-words.js';

/** What a character of a drawing stands for; `width` in units: one is the width of a seat. */
export interface SeatType {
  readonly tier: string;
  readonly kind: SeatKind;
  readonly width: number;
}

/** A seat of a drawn row; `along` is how far its middle is from the middle of the row, in units. */
export interface DrawnSeat extends SeatType {
  readonly along: number;
}

const tooMany = `with it the hall has more than ${layoutSeatsMax.toLocaleString('en')} seats`;

const tooWide = `it is wider than ${layoutSideUnitsMax.toLocaleString('en')} seats`;

const run = /(\d{0,6})(\S)/gu;

/**
 * The seats of a drawn row, left to right: a character a place, or a count and a character for as many (`4s_12s_4s`).
 * `_` is an aisle, `.` an empty place.
 *
 * @param types what the other characters stand for
 * @param seatsMax how many seats there may be at most
 * @throws LayoutTextError
 */
export function parseRowDrawing(
  drawing: string,
  types: ReadonlyMap<string, SeatType>,
  aisleWidth: number,
  seatsMax: number,
): DrawnSeat[] {
  if (/\d$/.test(drawing.slice(-1))) throw new LayoutTextError(`${quote(drawing)} ends with a number: of what?`);
  const seats: DrawnSeat[] = [];
  let at = 0;
  for (const [, count = '', character = ''] of drawing.matchAll(run)) {
    const type = types.get(character);
    const width = type?.width ?? emptyWidth(character, aisleWidth, types);
    const times = count === '' ? 1 : Number(count);
    if (times === 0) throw new LayoutTextError(`"${count}${character}" draws nothing`);
    if (type) {
      if (seats.length + times > seatsMax) throw new LayoutTextError(tooMany);
      for (let place = 0; place < times; place++) seats.push({ ...type, along: at + (place + 0.5) * width });
    }
    at += times * width;
    if (at > layoutSideUnitsMax) throw new LayoutTextError(tooWide);
  }
  if (seats.length === 0) throw new LayoutTextError('there is no seat in it');
  return seats.map((seat) => ({ ...seat, along: seat.along - at / 2 }));
}

function emptyWidth(character: string, aisleWidth: number, types: ReadonlyMap<string, SeatType>): number {
  if (character === '_') return aisleWidth;
  if (character === '.') return 1;
  const known = [...types.keys()].join(' ');
  throw new LayoutTextError(`"${character}" stands for no seat; there are ${known}, _ for an aisle and . for nothing`);
}
