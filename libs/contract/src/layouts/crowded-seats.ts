import type { LayoutSeat } from '../catalog.js';
import { type LayoutProblem, describeRow } from './layout-body.js';

/** Two seats overlap if their centres are nearer than this, in widths of a seat. */
const distanceMin = 0.6;

/** More problems than this say nothing new. */
const problemsMax = 20;

/** The last seat in each cell, by the cell's column and line. */
type Cells = Map<number, Map<number, number>>;

/** Finds seats that overlap, where one unit is the width of a seat. The problems' paths are of the layout's `seats`. */
export function findOverlappingSeats(seats: readonly LayoutSeat[]): LayoutProblem[] {
  // `cells` has the last seat of each cell, and `previous` the one before each seat. Cells have few seats, because seats
  // that do not overlap leave little room and the search ends after 20 that do.
  const cells: Cells = new Map();
  const previous = new Int32Array(seats.length);
  const problems: LayoutProblem[] = [];
  for (const [index, seat] of seats.entries()) {
    const other = neighbourOf(seat, seats, cells, previous);
    if (other !== null) {
      const message = `${describeRow(seat)}: seat ${seat.label} stands in seat ${other.label}`;
      problems.push({ path: `seats.${index}`, message });
      if (problems.length === problemsMax) break;
    }
    const [column, line] = [cellOf(seat.x), cellOf(seat.y)];
    let lines = cells.get(column);
    if (!lines) cells.set(column, (lines = new Map()));
    previous[index] = lines.get(line) ?? -1;
    lines.set(line, index);
  }
  return problems;
}

const cellOf = (value: number): number => Math.floor(value / distanceMin);

const distance = (a: LayoutSeat, b: LayoutSeat): number => Math.hypot(a.x - b.x, a.y - b.y);

/** An earlier seat that overlaps with the seat: it is in the same cell or in one of the eight around it. */
function neighbourOf(
  seat: LayoutSeat,
  seats: readonly LayoutSeat[],
  cells: Cells,
  previous: Int32Array,
): LayoutSeat | null {
  const [column, line] = [cellOf(seat.x), cellOf(seat.y)];
  for (let c = column - 1; c <= column + 1; c++) {
    const lines = cells.get(c);
    if (!lines) continue;
    for (let l = line - 1; l <= line + 1; l++) {
      for (let at = lines.get(l) ?? -1; at >= 0; at = previous[at]!) {
        const other = seats[at]!;
        if (distance(other, seat) < distanceMin) return other;
      }
    }
  }
  return null;
}
