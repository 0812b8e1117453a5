import type { Layout, LayoutSeat, SeatKind } from '@usher/contract';
import { bestPoint, type Bounds, type Point } from './best-point.js';
import { walkHall, type Walk } from './rows.js';

/**
 * The data about a hall that the choice of seats needs. They are computed once per layout. The arrays are ordered by
 * place, which is the position of a seat in a walk along all rows. So neighbouring seats are also neighbours in memory.
 * Lengths are measured in usual seat steps.
 */
export interface HallPlan extends Walk {
  seatCount: number;
  /** The place of each seat. */
  placeOf: Int32Array;
  x: Float64Array;
  y: Float64Array;
  /** The distance of a place from the hall's best point, with a surcharge for a restricted view. */
  cost: Float64Array;
  /** The places, ordered by cost. */
  byCost: Int32Array;
  /** Prefix sums. The sum of a window [start, end) is `sums[end] - sums[start]`. */
  xSums: Float64Array;
  ySums: Float64Array;
  costSums: Float64Array;
  wheelchairSums: Int32Array;
  /** The number of the kind (see {@link kindCodes}). */
  kind: Uint8Array;
  /** The number of the tier (see `tierCodes`). */
  tier: Int32Array;
  tierCodes: Map<string, number>;
  /** The first place of the run of places in the same tier that ends at a place. */
  tierFrom: Int32Array;
  section: Int32Array;
}

/** The numbers of the kinds, in the order in which they are given to a buyer who requests no kind. */
export const kindCodes = { standard: 0, restrictedView: 1, companion: 2, wheelchair: 3 } as const satisfies Record<
  SeatKind,
  number
>;

/**
 * A seat with a restricted view counts as further away, by this fraction of the hall's largest distance plus one step.
 * The one step is for tiny halls.
 */
const RESTRICTED_SHARE = 0.2;

/** Maximum of a length or coordinate, so that an absurd position of the stage cannot make a sum infinite. */
const FARTHEST = 1e9;

/** Computes the plan of a layout. Odd layouts are allowed: seats at the same position, a stage among seats, no rows. */
export function hallPlan(layout: Pick<Layout, 'width' | 'height' | 'stage' | 'seats'>): HallPlan {
  const { seats } = layout;
  // Coordinates are first scaled to -1…1, so that no square overflows. Then they are scaled to seat steps, so that the
  // weights mean the same in every hall.
  const reach = seats.reduce((most, seat) => Math.max(most, Math.abs(seat.x), Math.abs(seat.y)), 0) || 1;
  const rough = {
    x: Float64Array.from(seats, (seat) => seat.x / reach),
    y: Float64Array.from(seats, (s) => s.y / reach),
  };
  const walk = walkHall(seats, rough.x, rough.y);
  const step = Math.max(walk.usualStep, 1e-6);
  const scale = (length: number) => Math.min(Math.max(length / reach / step, -FARTHEST), FARTHEST);

  const listed = Array.from(walk.seatAt, (seat) => seats[seat]!);
  const x = Float64Array.from(listed, (seat) => scale(seat.x));
  const y = Float64Array.from(listed, (seat) => scale(seat.y));
  const kind = Uint8Array.from(listed, (seat) => kindCodes[seat.kind]);
  const tierCodes = codes(seats, (seat) => seat.tier);
  const sectionCodes = codes(seats, (seat) => seat.section);
  const tier = Int32Array.from(listed, (seat) => tierCodes.get(seat.tier)!);
  const cost = costs(x, y, kind, best(layout, scale, x, y));
  return {
    ...walk,
    seatCount: seats.length,
    placeOf: inverse(walk.seatAt),
    x,
    y,
    cost,
    byCost: Int32Array.from(cost.keys()).toSorted((a, b) => cost[a]! - cost[b]! || a - b),
    xSums: sums(x),
    ySums: sums(y),
    costSums: sums(cost),
    wheelchairSums: Int32Array.from(sums(kind.map((code) => (code === kindCodes.wheelchair ? 1 : 0)))),
    kind,
    tier,
    tierCodes,
    tierFrom: stretches(tier),
    section: Int32Array.from(listed, (seat) => sectionCodes.get(seat.section)!),
  };
}

function best(
  { stage, width, height }: Pick<Layout, 'width' | 'height' | 'stage'>,
  scale: (length: number) => number,
  x: Float64Array,
  y: Float64Array,
): Point {
  const bounds: Bounds = { left: least(x), right: most(x), top: least(y), bottom: most(y) };
  const scaled = stage && {
    x: scale(stage.x),
    y: scale(stage.y),
    width: scale(stage.width),
    height: scale(stage.height),
  };
  return bestPoint(bounds, scaled, { x: scale(width) / 2, y: scale(height) / 2 });
}

function costs(x: Float64Array, y: Float64Array, kind: Uint8Array, from: Point): Float64Array {
  const cost = x.map((at, place) => Math.hypot(at - from.x, y[place]! - from.y));
  const surcharge = 1 + RESTRICTED_SHARE * most(cost);
  return cost.map((distance, place) => (kind[place] === kindCodes.restrictedView ? distance + surcharge : distance));
}

function codes(seats: readonly LayoutSeat[], name: (seat: LayoutSeat) => string): Map<string, number> {
  return new Map([...new Set(seats.map(name))].map((value, code) => [value, code]));
}

function inverse(seatAt: Int32Array): Int32Array {
  const placeOf = new Int32Array(seatAt.length);
  seatAt.forEach((seat, place) => (placeOf[seat] = place));
  return placeOf;
}

function sums(values: Float64Array | Uint8Array): Float64Array {
  const result = new Float64Array(values.length + 1);
  for (let at = 0; at < values.length; at++) result[at + 1] = result[at]! + values[at]!;
  return result;
}

function stretches(values: Int32Array): Int32Array {
  const from = new Int32Array(values.length);
  for (let at = 1; at < values.length; at++) from[at] = values[at] === values[at - 1] ? from[at - 1]! : at;
  return from;
}

const least = (values: Float64Array) => values.reduce((a, b) => Math.min(a, b), values[0] ?? 0);
const most = (values: Float64Array) => values.reduce((a, b) => Math.max(a, b), values[0] ?? 0);
