import { kindCodes, type HallPlan } from './hall-plan.js';
import { TINY, windowLeavesSingle, windowStarts } from './windows.js';

/** The group of each place. Seats of one group can replace each other. */
export type Alike = Int32Array;

/**
 * `none`: no single-seat gap is allowed. `avoid`: a gap is allowed only if there is no other choice. `allow`: gaps do
 * not matter.
 */
export type Gaps = 'none' | 'avoid' | 'allow';

/** Groups the places so that seats of the same tier and the same kind can replace each other. */
export function likeKind(plan: HallPlan): Alike {
  return groups(plan, kindCodes.standard);
}

/**
 * Groups the places like {@link likeKind}, but standard seats and seats with a restricted view can replace each other.
 */
export function likeOrdinary(plan: HallPlan): Alike {
  return groups(plan, kindCodes.restrictedView);
}

/** Groups the places by tier and kind. All kinds with a code up to `least` count as one kind. */
function groups({ tier, kind }: HallPlan, least: number): Alike {
  const alike = new Int32Array(tier.length);
  for (let place = 0; place < alike.length; place++) alike[place] = tier[place]! * 4 + Math.max(kind[place]!, least);
  return alike;
}

/** Splits ascending places into runs that are connected by `links`. */
export function runsOf(plan: HallPlan, places: readonly number[], links = plan.joined): number[][] {
  const runs: number[][] = [];
  for (const place of places) {
    const last = runs.at(-1);
    if (last && last.at(-1) === place - 1 && links[place]) last.push(place);
    else runs.push([place]);
  }
  return runs;
}

/**
 * Returns the first place of the nearest free window that is like the given places; null if there is none. Such a
 * window has as many places of each group as the given places. The distance is measured from the middle of the window
 * to the middle of the given places. If two windows are equally near, the one with the better places wins.
 */
export function nearestWindow(
  plan: HallPlan,
  free: Uint8Array,
  places: readonly number[],
  alike: Alike,
  { links, gaps }: { links: Uint8Array; gaps: Gaps },
): number | null {
  const size = places.length;
  const need = groupCounts(alike, places);
  const x = places.reduce((sum, place) => sum + plan.x[place]!, 0);
  const y = places.reduce((sum, place) => sum + plan.y[place]!, 0);
  const { xSums, ySums, costSums } = plan;
  let best: number | null = null;
  let bestGap = true;
  let bestDistance = Infinity;
  let bestCost = Infinity;
  for (const start of windowStarts(links, ofGroups(alike, need, free), size)) {
    const end = start + size;
    const dx = xSums[end]! - xSums[start]! - x;
    const dy = ySums[end]! - ySums[start]! - y;
    const distance = Math.sqrt(dx * dx + dy * dy) / size;
    if (!bestGap && distance > bestDistance + TINY) continue;
    if (need.size > 1 && !sameGroups(alike, need, start, end)) continue;
    const gap = gaps !== 'allow' && windowLeavesSingle(plan, free, start, end);
    if (gap && (gaps === 'none' || !bestGap)) continue;
    const cost = costSums[end]! - costSums[start]!;
    const nearer = bestDistance - distance;
    const better = bestGap !== gap || nearer > TINY || (nearer > -TINY && cost < bestCost - TINY);
    if (best !== null && !better) continue;
    best = start;
    bestGap = gap;
    bestDistance = distance;
    bestCost = cost;
  }
  return best;
}

/** Returns an array with a 1 for each free place of a needed group. */
function ofGroups(alike: Alike, need: Map<number, number>, free: Uint8Array): Uint8Array {
  const fits = new Uint8Array(free.length);
  if (need.size === 1) {
    const [only] = need.keys();
    for (let place = 0; place < fits.length; place++) fits[place] = free[place] && alike[place] === only ? 1 : 0;
    return fits;
  }
  for (let place = 0; place < fits.length; place++) fits[place] = free[place] && need.has(alike[place]!) ? 1 : 0;
  return fits;
}

/**
 * Moves each run of places to the nearest free window that is like it. A run is not moved if its places are free and it
 * leaves no unwanted gap. If there is no window for a run, it is divided among the nearest single places, unless gaps
 * are forbidden.
 *
 * @returns the places, run after run; null if there are no similar places for a run
 */
export function moveRuns(
  plan: HallPlan,
  free: Uint8Array,
  runs: readonly number[][],
  alike: Alike,
  { gaps }: { gaps: Gaps },
): number[] | null {
  const chosen = free.slice();
  for (const place of runs.flat()) chosen[place] = 0;
  const stays = (run: number[]) =>
    run.every((place) => free[place]) &&
    (gaps === 'allow' || !windowLeavesSingle(plan, chosen, run[0]!, run.at(-1)! + 1));

  const left = free.slice();
  const moved: number[] = [];
  const take = (places: number[]) => {
    for (const place of places) left[place] = 0;
    moved.push(...places);
  };
  for (const run of runs.filter(stays)) take(run);
  for (const run of runs.filter((candidate) => !stays(candidate))) {
    const start = nearestWindow(plan, left, run, alike, { links: plan.joined, gaps });
    if (start !== null) {
      take(run.map((_, nth) => start + nth));
      continue;
    }
    if (gaps === 'none') return null;
    for (const place of run) {
      const single = nearestWindow(plan, left, [place], alike, { links: plan.joined, gaps: 'allow' });
      if (single === null) return null;
      take([single]);
    }
  }
  return moved;
}

function groupCounts(alike: Alike, places: Iterable<number>): Map<number, number> {
  const counts = new Map<number, number>();
  for (const place of places) counts.set(alike[place]!, (counts.get(alike[place]!) ?? 0) + 1);
  return counts;
}

function sameGroups(alike: Alike, need: Map<number, number>, start: number, end: number): boolean {
  const left = new Map(need);
  for (let place = start; place < end; place++) {
    const more = left.get(alike[place]!)! - 1;
    if (more < 0) return false;
    left.set(alike[place]!, more);
  }
  return true;
}
