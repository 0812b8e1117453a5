import type { HallMap, HallSeat } from './hall-map.js';

/** A key that moves the focus on the map. */
export type MoveKey = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown' | 'Home' | 'End' | 'PageUp' | 'PageDown';

/** Returns true if {@link findNextSeat} understands the `key` of a keyboard event. */
export const isMoveKey = (key: string): key is MoveKey => Object.hasOwn(moves, key);

/**
 * Returns the seat that a key moves to:
 *
 * - Left and Right move along the row. At its end, they move to the nearest seat on that side.
 * - Up and Down move to the nearest seat above or below.
 * - Home and End move to the first and the last seat of the row, or of the hall if `isWholeHall` is true.
 * - Page Up and Page Down move to the previous and the next section.
 *
 * @returns `from` itself if there is no seat in that direction
 */
export function findNextSeat(map: HallMap, from: HallSeat, key: MoveKey, isWholeHall = false): HallSeat {
  return moves[key](map, from, isWholeHall) ?? from;
}

type Move = (map: HallMap, from: HallSeat, isWholeHall: boolean) => HallSeat | undefined;

const moves: Record<MoveKey, Move> = {
  ArrowLeft: (map, from) => findSideways(map, from, -1),
  ArrowRight: (map, from) => findSideways(map, from, 1),
  ArrowUp: (map, from) => findNearestAhead(map, from, (seat) => from.y - seat.y, costUpDown),
  ArrowDown: (map, from) => findNearestAhead(map, from, (seat) => seat.y - from.y, costUpDown),
  Home: (map, from, isWholeHall) => (isWholeHall ? map.seats : map.rows[from.rowIndex]?.seats)?.[0],
  End: (map, from, isWholeHall) => (isWholeHall ? map.seats : map.rows[from.rowIndex]?.seats)?.at(-1),
  PageUp: (map, from) => findSeatInSection(map, from, -1),
  PageDown: (map, from) => findSeatInSection(map, from, 1),
};

// A row can be numbered from the right, so the positions of the two neighbours decide which one is on this side.
function findSideways(map: HallMap, from: HallSeat, side: 1 | -1): HallSeat | undefined {
  const row = map.rows[from.rowIndex]?.seats ?? [];
  const neighbours = [row[from.indexInRow - 1], row[from.indexInRow + 1]].filter((seat) => seat !== undefined);
  const inRow = neighbours.find((seat) => (seat.x - from.x) * side > 0);
  return inRow ?? findNearestAhead(map, from, (seat) => (seat.x - from.x) * side, costSideways);
}

/** Rates a seat by its distance in the direction of the key and its distance across that direction. */
type DistanceCost = (ahead: number, aside: number) => number;

const costUpDown: DistanceCost = (ahead, aside) => ahead + 2 * aside;
// Beyond the end of a row, only a seat at about the same height counts.
const costSideways: DistanceCost = (ahead, aside) => (aside <= ahead ? ahead + 2 * aside : Infinity);

/**
 * Returns the seat with the lowest cost. A seat counts if it is ahead by at least a quarter of the pitch. A seat of the
 * same row counts only if it is further ahead than aside. With this rule, Up and Down move along the row of a box that
 * runs away from the stage, but not along a curved row.
 */
function findNearestAhead(
  map: HallMap,
  from: HallSeat,
  aheadOf: (seat: HallSeat) => number,
  cost: DistanceCost,
): HallSeat | undefined {
  let best: HallSeat | undefined;
  let bestCost = Infinity;
  for (const seat of map.seats) {
    const ahead = aheadOf(seat);
    if (ahead < map.pitch / 4) continue;
    const aside = Math.abs(seat.x - from.x) + Math.abs(seat.y - from.y) - ahead;
    if (seat.rowIndex === from.rowIndex && ahead <= aside) continue;
    const seatCost = cost(ahead, aside);
    if (seatCost < bestCost) [best, bestCost] = [seat, seatCost];
  }
  return best;
}

function findSeatInSection(map: HallMap, from: HallSeat, step: 1 | -1): HallSeat | undefined {
  const sections = [...new Set(map.rows.map((row) => row.section))];
  const name = sections[sections.indexOf(from.section) + step];
  return map.seats.find((seat) => seat.section === name);
}
