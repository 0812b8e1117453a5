import type { HallPlan } from './hall-plan.js';
import { NearestPlaces } from './nearest-places.js';
import { leavesSingleSeat } from './single-seat-gap.js';

// What makes a cluster loose, in usual seat steps of mean distance from its middle seat.
const EACH_MORE_GROUP = 0.3;
const EACH_ALONE = 0.5;
const GAP_AVOIDED = 3;
const GAP = 0.3;
const EACH_STEP_FROM_BEST = 0.04;

/** How many rows a cluster may take: pairs of rows give 3 + 3 where the free choice gives 3 + 2 + 1. */
const ROW_LIMITS = [2, 3, Infinity];

/** Places looked at around a middle seat, for each seat wanted. */
const CANDIDATES_PER_SEAT = 2;

/**
 * So many middles without a tighter cluster end the search, as they are further and further from the best point. The
 * worst hall of all, every second seat free, then takes best(10) 1 ms with 2,000 seats and 2 ms with 20,000
 * (5 and 57 ms were all tried).
 */
const PATIENCE = 400;

/**
 * The fitting places that are most together when no row has enough of them side by side: near one another, in few groups,
 * nobody alone. Around the fitting places, the best ones first, the nearest are tried within two rows, three rows, and any.
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
  const middles = plan.byCost.filter((place) => fits[place]);
  const near = new NearestPlaces(plan, middles, Math.min(middles.length, count * CANDIDATES_PER_SEAT));
  const cluster = new Cluster(plan, count);
  let best: number[] = [];
  let bestScore = Infinity;
  let patience = PATIENCE;
  for (const middle of middles) {
    if (patience-- === 0) break;
    near.find(middle);
    for (const rows of ROW_LIMITS) {
      const skipped = cluster.gather(near, rows);
      let score = cluster.looseness();
      if (score < bestScore && cluster.leavesSingle(statuses)) score += avoidGaps ? GAP_AVOIDED : GAP;
      if (score < bestScore) {
        best = [...cluster.places];
        bestScore = score;
        patience = PATIENCE;
      }
      if (!skipped) break; // more rows would give the same again
    }
  }
  return best;
}

/** One cluster under trial; the next one overwrites it. */
class Cluster {
  /** ascending */
  readonly places: Int32Array;
  private readonly rows: Int32Array;
  private size = 0;
  private distances = 0;

  constructor(
    private readonly plan: HallPlan,
    count: number,
  ) {
    this.places = new Int32Array(count);
    this.rows = new Int32Array(count);
  }

  /** Takes the nearest places in at most `rowLimit` rows; true when a place in one row more was passed over. */
  gather(near: NearestPlaces, rowLimit: number): boolean {
    const { rowOf } = this.plan;
    let rowCount = 0;
    let skipped = false;
    this.size = 0;
    this.distances = 0;
    for (let at = 0; at < near.size && this.size < this.places.length; at++) {
      const row = rowOf[near.places[at]!]!;
      if (!this.hasRow(row, rowCount)) {
        if (rowCount >= rowLimit) {
          skipped = true;
          continue;
        }
        this.rows[rowCount++] = row;
      }
      this.insert(near.places[at]!);
      this.distances += near.distances[at]!;
    }
    return skipped;
  }

  /** How far from sitting together; infinite while places are missing. */
  looseness(): number {
    const { places, size } = this;
    const { joined, cost } = this.plan;
    if (size < places.length) return Infinity;
    let costs = 0;
    let score = this.distances / size - EACH_MORE_GROUP;
    for (let at = 0; at < size; at++) {
      const place = places[at]!;
      costs += cost[place]!;
      if (joined[place] && at > 0 && places[at - 1] === place - 1) continue;
      const alone = !(joined[place + 1] && at + 1 < size && places[at + 1] === place + 1);
      score += EACH_MORE_GROUP + (alone ? EACH_ALONE : 0);
    }
    return score + (costs / size) * EACH_STEP_FROM_BEST;
  }

  leavesSingle(statuses: Uint8Array): boolean {
    return leavesSingleSeat(
      this.plan,
      statuses,
      Array.from(this.places.subarray(0, this.size), (place) => this.plan.seatAt[place]!),
    );
  }

  private hasRow(row: number, rowCount: number): boolean {
    for (let at = 0; at < rowCount; at++) if (this.rows[at] === row) return true;
    return false;
  }

  private insert(place: number): void {
    let at = this.size++;
    for (; at > 0 && this.places[at - 1]! > place; at--) this.places[at] = this.places[at - 1]!;
    this.places[at] = place;
  }
}
