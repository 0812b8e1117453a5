import type { LayoutSeat } from '../catalog.js';
import { type LayoutProblem, rowText } from './layout-body.js';

/** Two seats whose middles are nearer than this, in widths of a seat, stand in each other. */
const nearest = 0.6;

/** How many are worth telling. */
const problemsMax = 20;

/** Seats that stand in others, where one unit is the width of a seat; as problems of the layout's `seats`. */
export function crowdedSeats(seats: readonly LayoutSeat[]): LayoutProblem[] {
  const cells = new Map<string, number[]>();
  const cellOf = (value: number): number => Math.floor(value / nearest);
  const problems: LayoutProblem[] = [];
  for (const [index, seat] of seats.entries()) {
    const [column, line] = [cellOf(seat.x), cellOf(seat.y)];
    const other = around(cells, column, line).find((one) => distance(seats[one]!, seat) < nearest);
    if (other !== undefined) {
      const message = `${rowText(seat)}: seat ${seat.label} stands in seat ${seats[other]!.label}`;
      problems.push({ path: `seats.${index}`, message });
      if (problems.length === problemsMax) break;
    }
    const key = `${column} ${line}`;
    const cell = cells.get(key);
    if (cell) cell.push(index);
    else cells.set(key, [index]);
  }
  return problems;
}

const distance = (a: LayoutSeat, b: LayoutSeat): number => Math.hypot(a.x - b.x, a.y - b.y);

function around(cells: ReadonlyMap<string, number[]>, column: number, line: number): number[] {
  const found: number[] = [];
  for (let x = column - 1; x <= column + 1; x++) {
    for (let y = line - 1; y <= line + 1; y++) found.push(...(cells.get(`${x} ${y}`) ?? []));
  }
  return found;
}
