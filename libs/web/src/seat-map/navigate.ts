import type { HallMap, HallSeat } from './hall-map.js';

/** Keys that move the focus on the map. */
export type MoveKey = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown' | 'Home' | 'End' | 'PageUp' | 'PageDown';

/** True for a keyboard event's `key` that {@link findNextSeat} understands. */
export const isMoveKey = (key: string): key is MoveKey => Object.hasOwn(moves, key);

/**
 * The seat that a key moves to. Left and right walk the row and, at its end, go to the nearest seat on that side; up
 * and down go to the nearest seat on that side. Home and End are the row's ends, with `far` the hall's. Page Up and
 * Page Down jump to the section before and after.
 *
 * @returns the seat itself where there is nothing in that direction
 */
export function findNextSeat(map: HallMap, from: HallSeat, key: MoveKey, far = false): HallSeat {
  return moves[key](map, from, far) ?? from;
}

type Move = (map: HallMap, from: HallSeat, far: boolean) => HallSeat | undefined;

const moves: Record<MoveKey, Move> = {
  ArrowLeft: (map, from) => findSideways(map, from, -1),
  ArrowRight: (map, from) => findSideways(map, from, 1),
  ArrowUp: (map, from) => findNearestAhead(map, from, (seat) => from.y - seat.y, costUpDown),
  ArrowDown: (map, from) => findNearestAhead(map, from, (seat) => seat.y - from.y, costUpDown),
  Home: (map, from, far) => (far ? map.seats : map.rows[from.rowIndex]?.seats)?.[0],
  End: (map, from, far) => (far ? map.seats : map.rows[from.rowIndex]?.seats)?.at(-1),
  PageUp: (map, from) => findSeatInSection(map, from, -1),
  PageDown: (map, from) => findSeatInSection(map, from, 1),
};

// A row may be numbered from the right, so "next to" is judged by where the two neighbours are drawn.
function findSideways(map: HallMap, from: HallSeat, side: 1 | -1): HallSeat | undefined {
  const row = map.rows[from.rowIndex]?.seats ?? [];
  const neighbours = [row[from.place - 1], row[from.place + 1]].filter((seat) => seat !== undefined);
  const inRow = neighbours.find((seat) => (seat.x - from.x) * side > 0);
  return inRow ?? findNearestAhead(map, from, (seat) => (seat.x - from.x) * side, costSideways);
}

type DistanceCost = (ahead: number, aside: number) => number;

const costUpDown: DistanceCost = (ahead, aside) => ahead + 2 * aside;
// Beyond a row's end only what is roughly at the same height is "to the right".
const costSideways: DistanceCost = (ahead, aside) => (aside <= ahead ? ahead + 2 * aside : Infinity);

/**
 * The seat with the least cost among those ahead by a quarter of a seat or more. A seat of the same row counts only
 * when it lies rather ahead than aside: the row of a box may run away from the stage, but a curved one is no stairs.
 */
function findNearestAhead(
  map: HallMap,
  from: HallSeat,
  aheadOf: (seat: HallSeat) => number,
  cost: DistanceCost,
): HallSeat | undefined {
  let best: HallSeat | undefined;
  let least = Infinity;
  for (const seat of map.seats) {
    const ahead = aheadOf(seat);
    if (ahead < map.pitch / 4) continue;
    const aside = Math.abs(seat.x - from.x) + Math.abs(seat.y - from.y) - ahead;
    if (seat.rowIndex === from.rowIndex && ahead <= aside) continue;
    const value = cost(ahead, aside);
    if (value < least) [best, least] = [seat, value];
  }
  return best;
}

function findSeatInSection(map: HallMap, from: HallSeat, step: 1 | -1): HallSeat | undefined {
  const sections = [...new Set(map.rows.map((row) => row.section))];
  const name = sections[sections.indexOf(from.section) + step];
  return map.seats.find((seat) => seat.section === name);
}
