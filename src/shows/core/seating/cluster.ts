import type { HallPlan } from './hall-plan.js';
import { PlaceGrid } from './place-grid.js';
import { leavesSingleSeat } from './single-seat-gap.js';

// What makes a cluster loose, in usual seat steps of mean distance from its middle seat.
const OTHER_SECTION = 6; // between a box and the next one is a wall, however near they are drawn
const OTHER_TIER = 0.25;
const EACH_MORE_GROUP = 0.3;
const EACH_ALONE = 0.5;
const GAP_AVOIDED = 3;
const GAP = 0.3;
const EACH_STEP_FROM_BEST = 0.04;

/** How many rows a cluster may take: pairs of rows give 3 + 3 where the free choice gives 3 + 2 + 1. */
const ROW_LIMITS = [2, 3, Infinity];

/** Places looked at around a middle seat, for each seat wanted. */
const CANDIDATES_PER_SEAT = 3;

/**
 * The fitting places that are most together when no row has enough of them side by side: near one another, in few groups,
 * nobody alone. Around every fitting place the nearest ones are tried, within two rows, three rows, and any.
 *
 * @param fits 1 for each place that may be given; at least `count`
 * @returns `count` places
 */
export function tightestCluster(
  plan: HallPlan,
  statuses: Uint8Array,
  fits: Uint8Array,
  count: number,
  avoidGaps: boolean,
): number[] {
  const places = Int32Array.from(fits.keys()).filter((place) => fits[place]);
  const grid = new PlaceGrid(plan, places, count);
  const near = new Nearest(Math.min(places.length, count * CANDIDATES_PER_SEAT));
  let best: number[] = [];
  let bestScore = Infinity;
  for (const middle of places) {
    near.find(plan, grid, middle);
    for (const rows of ROW_LIMITS) {
      const cluster = withinRows(plan, near, count, rows);
      if (!cluster) continue;
      let score = looseness(plan, cluster.places, cluster.spread);
      if (score >= bestScore) continue;
      const seats = cluster.places.map((place) => plan.seatAt[place]!);
      if (leavesSingleSeat(plan, statuses, seats)) score += avoidGaps ? GAP_AVOIDED : GAP;
      if (score >= bestScore) continue;
      best = cluster.places;
      bestScore = score;
    }
  }
  return best;
}

/** The places nearest to one, nearest first, in arrays that are used again and again. */
class Nearest {
  readonly places: Int32Array;
  readonly distances: Float64Array;
  size = 0;

  constructor(private readonly capacity: number) {
    this.places = new Int32Array(capacity);
    this.distances = new Float64Array(capacity);
  }

  find(plan: HallPlan, grid: PlaceGrid, middle: number): void {
    const { x, y, section, tier } = plan;
    const [mx, my, mSection, mTier] = [x[middle]!, y[middle]!, section[middle], tier[middle]];
    this.size = 0;
    grid.around(
      mx,
      my,
      (place) => {
        const [dx, dy] = [x[place]! - mx, y[place]! - my];
        let distance = Math.sqrt(dx * dx + dy * dy);
        if (section[place] !== mSection) distance += OTHER_SECTION;
        if (tier[place] !== mTier) distance += OTHER_TIER;
        this.offer(place, distance);
      },
      (reached) => this.size === this.capacity && this.distances[this.capacity - 1]! <= reached,
    );
  }

  private offer(place: number, distance: number): void {
    const { places, distances, capacity } = this;
    if (this.size === capacity && distance >= distances[capacity - 1]!) return;
    let at = this.size < capacity ? this.size++ : capacity - 1;
    for (; at > 0 && distances[at - 1]! > distance; at--) {
      places[at] = places[at - 1]!;
      distances[at] = distances[at - 1]!;
    }
    places[at] = place;
    distances[at] = distance;
  }
}

/** The nearest `count` places in at most `rowLimit` rows, ascending, and their mean distance; null if that is too few. */
function withinRows(
  { rowOf }: HallPlan,
  near: Nearest,
  count: number,
  rowLimit: number,
): { places: number[]; spread: number } | null {
  const rows: number[] = [];
  const places: number[] = [];
  let distances = 0;
  for (let at = 0; at < near.size && places.length < count; at++) {
    const row = rowOf[near.places[at]!]!;
    if (!rows.includes(row)) {
      if (rows.length >= rowLimit) continue;
      rows.push(row);
    }
    places.push(near.places[at]!);
    distances += near.distances[at]!;
  }
  return places.length < count ? null : { places: places.toSorted((a, b) => a - b), spread: distances / count };
}

function looseness({ joined, cost }: HallPlan, places: readonly number[], spread: number): number {
  let score = spread - EACH_MORE_GROUP;
  let costs = 0;
  for (let at = 0; at < places.length; at++) {
    const place = places[at]!;
    costs += cost[place]!;
    const startsGroup = !(joined[place] && places[at - 1] === place - 1);
    const endsGroup = !(joined[place + 1] && places[at + 1] === place + 1);
    if (startsGroup) score += EACH_MORE_GROUP + (endsGroup ? EACH_ALONE : 0);
  }
  return score + (costs / places.length) * EACH_STEP_FROM_BEST;
}
