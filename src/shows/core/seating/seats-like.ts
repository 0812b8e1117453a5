import { kindCodes, type HallPlan } from './hall-plan.js';
import { likeKind, moveRuns, nearestWindow, runsOf, type Gaps } from './nearest.js';
import { ascending, freePlaces, seatsOfWindow } from './windows.js';

/**
 * Returns free seats that are like the chosen seats: the same number of seats of the same tiers and kinds, as near as
 * possible. If the chosen seats are side by side, the result is side by side too. If they are in one row with aisles
 * between them, the result is in one row too. If they form several groups, the groups that are free keep their seats.
 * The other groups move, and each of them stays together if possible.
 *
 * @param seats distinct seats, free or not
 * @param options `avoidGaps` prefers seats that leave no single-seat gap, even if they are further away
 * @returns seats in ascending order; null if there are none
 */
export function seatsLike(
  plan: HallPlan,
  statuses: Uint8Array,
  seats: readonly number[],
  options: { avoidGaps: boolean },
): number[] | null {
  const free = freePlaces(plan, statuses);
  const places = ascending(seats.map((seat) => plan.placeOf[seat]!));
  const exempt = places.length < 2 || places.some((place) => plan.kind[place] === kindCodes.wheelchair);
  const gaps: Gaps = options.avoidGaps && !exempt ? 'avoid' : 'allow';
  const alike = likeKind(plan);
  for (const links of [plan.joined, plan.sameRow]) {
    if (runsOf(plan, places, links).length > 1) continue;
    const start = nearestWindow(plan, free, places, alike, { links, gaps });
    return start === null ? null : seatsOfWindow(plan, start, places.length);
  }
  const moved = moveRuns(plan, free, runsOf(plan, places), alike, { gaps });
  return moved && ascending(moved.map((place) => plan.seatAt[place]!));
}
