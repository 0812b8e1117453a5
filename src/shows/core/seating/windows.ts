import { SeatStatus } from '@usher/contract';
import { kindCodes, type HallPlan } from './hall-plan.js';

/** Differences below this come from the order of additions and mean nothing. */
export const TINY = 1e-9;

/** 1 for each place whose seat is free. */
export function freePlaces(plan: HallPlan, statuses: Uint8Array): Uint8Array {
  const { seatAt } = plan;
  const free = new Uint8Array(seatAt.length);
  for (let place = 0; place < free.length; place++) {
    free[place] = statuses[seatAt[place]!] === SeatStatus.free ? 1 : 0;
  }
  return free;
}

/**
 * The first places of all windows of `size` places that all fit and hang together. A list and no callback, because a
 * closure that keeps the best so far allocates a number at each improvement: 70 µs fell to 47 µs for best(2) in a hall of 2,000.
 *
 * @param links `plan.joined`: side by side; `plan.sameRow`: in one row, be it across an aisle
 */
export function windowStarts(links: Uint8Array, fits: Uint8Array, size: number): Int32Array {
  const starts = new Int32Array(fits.length);
  let found = 0;
  let run = 0;
  for (let place = 0; place < fits.length; place++) {
    run = fits[place] ? (links[place] ? run + 1 : 1) : 0;
    if (run >= size) starts[found++] = place - size + 1;
  }
  return starts.subarray(0, found);
}

/** The seats of a window of places, in ascending order. */
export function seatsOfWindow(plan: HallPlan, start: number, size: number): number[] {
  return ascending(Array.from(plan.seatAt.subarray(start, start + size)));
}

export function ascending(seats: readonly number[]): number[] {
  return seats.toSorted((a, b) => a - b);
}

/**
 * Whether taking the window [start, end) leaves a free seat beside it alone that had company before: the window's own
 * seats were that company. A wheelchair place may stand alone.
 */
export function windowLeavesSingle(plan: HallPlan, free: Uint8Array, start: number, end: number): boolean {
  const { joined, kind } = plan;
  const before = start - 1;
  if (joined[start] && free[before] && kind[before] !== kindCodes.wheelchair) {
    if (!joined[before] || !free[before - 1]) return true;
  }
  if (joined[end] && free[end] && kind[end] !== kindCodes.wheelchair) {
    if (!joined[end + 1] || !free[end + 1]) return true;
  }
  return false;
}

/** Whether a window holds a wheelchair place. */
export function hasWheelchair(plan: HallPlan, start: number, end: number): boolean {
  return plan.wheelchairSums[end] !== plan.wheelchairSums[start];
}
