import type { LayoutSeat } from '@usher/contract';

/** All seats of a hall, row after row, each row in the order in which one walks along it. */
export interface Walk {
  /** place in the walk → seat */
  seatAt: Int32Array;
  /** place → number of its row (same section, same row name), from 0 */
  rowOf: Int32Array;
  /** 1 where a place and the one before it are of one row; one entry longer than the walk, the last is 0 */
  sameRow: Uint8Array;
  /** 1 where moreover no aisle lies between the two, so that two people there sit side by side */
  joined: Uint8Array;
  /** the hall's usual step from a seat to the next one, in the unit of the coordinates; 0 where no row has a step */
  usualStep: number;
}

/** A step this much wider than a row's usual one is an aisle: pairs of sofas stay below it, the narrowest aisle above. */
const AISLE_FACTOR = 1.6;

/** Below this many steps a row cannot say itself what is usual in it: two seats with an aisle between look like a pair. */
const TELLING_STEPS = 3;

/** Finds the rows of a hall and the aisles in them. `x` and `y` are the seats' coordinates, in any unit. */
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
 * The order of the layout is the walking order by contract. Where sorting by position makes a clearly shorter way of it
 * (odd numbers to the left and even ones to the right, listed 1, 2, 3 …), position is believed; a horseshoe, which no
 * straight line can sort, keeps its listed order.
 */
function walkingOrder(row: number[], x: Float64Array, y: Float64Array): number[] {
  if (row.length < 3) return row;
  const [dx, dy] = direction(row, x, y);
  const along = (seat: number) => x[seat]! * dx + y[seat]! * dy;
  const sorted = row.toSorted((a, b) => along(a) - along(b) || a - b);
  const total = (order: number[]) => stepsOf(order, x, y).reduce((sum, step) => sum + step, 0);
  return total(sorted) < total(row) * 0.99 ? sorted : row;
}

/** The direction in which a row stretches most: its principal axis. */
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

/** The lower one of two middles, so that a row of seat, seat, aisle, seat takes the seat's step for the usual one. */
function lowerMedian(values: number[]): number {
  return values.toSorted((a, b) => a - b)[(values.length - 1) >> 1] ?? 0;
}
