import type { LayoutSeat } from '@usher/contract';

/** A walk along all seats of a hall, row after row, in which neighbouring seats of a row follow each other. */
export interface Walk {
  /** The seat at each place of the walk. */
  seatAt: Int32Array;
  /** The number of the row of each place, from 0. Seats of a row have the same section and the same row name. */
  rowOf: Int32Array;
  /** 1 if a place is in the same row as the place before it. The array has an extra 0 at its end. */
  sameRow: Uint8Array;
  /** 1 if, in addition, there is no aisle between the two places, so that two people there sit side by side. */
  joined: Uint8Array;
  /** The usual distance between neighbouring seats, in the unit of the coordinates; 0 if no row has two seats. */
  usualStep: number;
}

/**
 * A step between seats is an aisle if it is more than this many times the row's usual step. Gaps between sofas are
 * narrower.
 */
const AISLE_FACTOR = 1.6;

/**
 * A row with fewer steps uses its section's usual step. Otherwise, two seats with an aisle between them would look like
 * a pair.
 */
const TELLING_STEPS = 3;

/** Finds the rows and aisles of a hall. `x` and `y` are the coordinates of the seats in any unit. */
export function walkHall(seats: readonly LayoutSeat[], x: Float64Array, y: Float64Array): Walk {
  const rows = [...rowsOf(seats).values()].map((row) => walkingOrder(row, x, y));
  const steps = rows.map((row) => stepsOf(row, x, y));
  const sectionSteps = new Map<string, number[]>();
  rows.forEach((row, at) => {
    const section = seats[row[0]!]!.section;
    const all = sectionSteps.get(section) ?? [];
    sectionSteps.set(section, all);
    all.push(...steps[at]!);
  });
  const usualInSection = new Map([...sectionSteps].map(([section, all]) => [section, lowerMedian(all)]));

  const walk: Walk = {
    seatAt: new Int32Array(seats.length),
    rowOf: new Int32Array(seats.length),
    sameRow: new Uint8Array(seats.length + 1),
    joined: new Uint8Array(seats.length + 1),
    usualStep: lowerMedian(steps.flat().filter((step) => step > 0)),
  };
  let place = 0;
  rows.forEach((row, at) => {
    const own = steps[at]!;
    const usual = own.length >= TELLING_STEPS ? lowerMedian(own) : usualInSection.get(seats[row[0]!]!.section)!;
    row.forEach((seat, nth) => {
      walk.seatAt[place] = seat;
      walk.rowOf[place] = at;
      if (nth > 0) {
        walk.sameRow[place] = 1;
        walk.joined[place] = own[nth - 1]! > usual * AISLE_FACTOR + 1e-12 ? 0 : 1;
      }
      place++;
    });
  });
  return walk;
}

function rowsOf(seats: readonly LayoutSeat[]): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  seats.forEach(({ section, row }, seat) => {
    const key = JSON.stringify([section, row]);
    const listed = rows.get(key);
    if (listed) listed.push(seat);
    else rows.set(key, [seat]);
  });
  return rows;
}

/**
 * Returns the seats of a row in walking order. By contract, the layout lists them in that order. Some layouts list 1,
 * 2, 3 … although odd numbers are on the left and even numbers on the right. If sorting the seats by position makes the
 * walk clearly shorter, the sorted order is used. A horseshoe-shaped row keeps its listed order, because sorting along
 * a straight line makes its walk longer.
 */
function walkingOrder(row: number[], x: Float64Array, y: Float64Array): number[] {
  if (row.length < 3) return row;
  const [dx, dy] = direction(row, x, y);
  const along = (seat: number) => x[seat]! * dx + y[seat]! * dy;
  const sorted = row.toSorted((a, b) => along(a) - along(b) || a - b);
  const total = (order: number[]) => stepsOf(order, x, y).reduce((sum, step) => sum + step, 0);
  return total(sorted) < total(row) * 0.99 ? sorted : row;
}

/** Returns the principal axis of a row, which is the direction of its greatest extent. */
function direction(row: number[], x: Float64Array, y: Float64Array): [number, number] {
  const mean = (of: Float64Array) => row.reduce((sum, seat) => sum + of[seat]!, 0) / row.length;
  const [cx, cy] = [mean(x), mean(y)];
  let [xx, xy, yy] = [0, 0, 0];
  for (const seat of row) {
    const [dx, dy] = [x[seat]! - cx, y[seat]! - cy];
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
  }
  const angle = Math.atan2(2 * xy, xx - yy) / 2;
  return [Math.cos(angle), Math.sin(angle)];
}

function stepsOf(row: number[], x: Float64Array, y: Float64Array): number[] {
  return row.slice(1).map((seat, at) => Math.hypot(x[seat]! - x[row[at]!]!, y[seat]! - y[row[at]!]!));
}

/** Returns the lower median. So if a row has two steps and one of them is an aisle, the other one is the usual step. */
function lowerMedian(values: number[]): number {
  return values.toSorted((a, b) => a - b)[(values.length - 1) >> 1] ?? 0;
}
