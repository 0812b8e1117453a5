import { describeRow, type LayoutProblem, problemsMax } from './layout-body.js';
import type { LayoutSeat } from './layout.js';

/**
 * Minimum distance between the centres of two seats, in widths of a seat. Seats that are closer to each other overlap.
 */
const seatDistanceMin = 0.6;

/** The index of the last seat that was added to each cell of a grid, by the cell's column and line. */
type Cells = Map<number, Map<number, number>>;

/**
 * Finds seats that overlap, in a layout whose unit is the width of a seat. The path of each problem points to an entry
 * of the layout's `seats`.
 */
export function findOverlappingSeats(seats: readonly LayoutSeat[]): LayoutProblem[] {
  // `cells` has the last seat of each cell. For each seat, `previous` has the seat that was added to the same cell
  // before it. A cell has few seats, because few seats fit into it without an overlap, and the search ends after 20
  // overlaps.
  const cells: Cells = new Map();
  const previous = new Int32Array(seats.length);
  const problems: LayoutProblem[] = [];
  for (const [index, seat] of seats.entries()) {
    const other = findOverlap(seat, seats, cells, previous);
    if (other !== null) {
      const message = `${describeRow(seat)}: seat ${seat.label} overlaps seat ${other.label}`;
      problems.push({ path: `seats.${index}`, message });
      if (problems.length === problemsMax) break;
    }
    const [column, line] = [toCell(seat.x), toCell(seat.y)];
    let lines = cells.get(column);
    if (!lines) cells.set(column, (lines = new Map()));
    previous[index] = lines.get(line) ?? -1;
    lines.set(line, index);
  }
  return problems;
}

const toCell = (coordinate: number): number => Math.floor(coordinate / seatDistanceMin);

const measureDistance = (a: LayoutSeat, b: LayoutSeat): number => Math.hypot(a.x - b.x, a.y - b.y);

/**
 * Returns an earlier seat that overlaps `seat`, or null. Such a seat can only be in the same cell or in one of the
 * eight cells around that cell.
 */
function findOverlap(
  seat: LayoutSeat,
  seats: readonly LayoutSeat[],
  cells: Cells,
  previous: Int32Array,
): LayoutSeat | null {
  const [column, line] = [toCell(seat.x), toCell(seat.y)];
  for (let c = column - 1; c <= column + 1; c++) {
    const lines = cells.get(c);
    if (!lines) continue;
    for (let l = line - 1; l <= line + 1; l++) {
      for (let at = lines.get(l) ?? -1; at >= 0; at = previous[at]!) {
        const other = seats[at]!;
        if (measureDistance(other, seat) < seatDistanceMin) return other;
      }
    }
  }
  return null;
}
