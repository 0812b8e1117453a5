import { SeatStatus } from '@usher/contract';
import { kindCodes, type HallPlan } from './hall-plan.js';
import { likeOrdinary, moveRuns, nearestWindow, runsOf, type Alike } from './nearest.js';
import { ascending, freePlaces, seatsOfWindow } from './windows.js';

/**
 * Whether the sale of `seats` would leave a single free seat beside them that was not single before. Such a seat has no
 * free neighbour left, and no aisle or row end lies between it and a chosen seat. The rule does not apply to single
 * buyers, to choices with a wheelchair place, and to wheelchair places that are left.
 */
export function leavesSingleSeat(plan: HallPlan, statuses: Uint8Array, seats: readonly number[]): boolean {
  const chosen = seats.map((seat) => plan.placeOf[seat]!);
  if (chosen.length < 2 || chosen.some((place) => plan.kind[place] === kindCodes.wheelchair)) return false;
  const { joined, seatAt, kind } = plan;
  const wasFree = (place: number) => statuses[seatAt[place]!] === SeatStatus.free;
  const staysFree = (place: number) => wasFree(place) && !chosen.includes(place);
  const alone = (place: number, isFree: (place: number) => boolean) =>
    !(joined[place] && isFree(place - 1)) && !(joined[place + 1] && isFree(place + 1));
  const left = (place: number) =>
    staysFree(place) && kind[place] !== kindCodes.wheelchair && alone(place, staysFree) && !alone(place, wasFree);
  return chosen.some((place) => (joined[place] && left(place - 1)) || (joined[place + 1] && left(place + 1)));
}

/**
 * Returns the nearest choice of as many seats of the same tiers that leaves no single-seat gap. Ordinary seats,
 * including seats with a restricted view, can replace each other. Companion places can only replace companion places.
 *
 * If the choice is side by side, or only skips one seat, the result is side by side if possible. If the choice has
 * several groups, the result keeps the groups if that helps, and otherwise brings the seats together.
 *
 * @param seats distinct free seats for which {@link leavesSingleSeat} is true
 * @returns seats in ascending order; null if there is none, so that the choice must be allowed
 */
export function choiceWithoutGap(plan: HallPlan, statuses: Uint8Array, seats: readonly number[]): number[] | null {
  const free = freePlaces(plan, statuses);
  const places = ascending(seats.map((seat) => plan.placeOf[seat]!));
  const alike: Alike = likeOrdinary(plan);
  const sideBySide = runsOf(plan, places).length === 1;
  const inOneRow = runsOf(plan, places, plan.sameRow).length === 1;
  if (skipsOneSeat(plan, places)) {
    const start = nearestWindow(plan, free, places, alike, { links: plan.joined, gaps: 'none' });
    if (start !== null) return seatsOfWindow(plan, start, places.length);
  }
  if (!inOneRow) {
    const moved = moveRuns(plan, free, runsOf(plan, places), alike, { gaps: 'none' });
    const choice = moved && ascending(moved.map((place) => plan.seatAt[place]!));
    if (choice && !leavesSingleSeat(plan, statuses, choice)) return choice;
  }
  const links = inOneRow && !sideBySide ? plan.sameRow : plan.joined;
  const start = nearestWindow(plan, free, places, alike, { links, gaps: 'none' });
  return start === null ? null : seatsOfWindow(plan, start, places.length);
}

/** Whether places are side by side except for one seat between them. @param places ascending */
function skipsOneSeat({ joined }: HallPlan, places: readonly number[]): boolean {
  const [first = 0, last = 0] = [places[0], places.at(-1)];
  if (last - first !== places.length) return false;
  return Array.from({ length: last - first }, (_, nth) => first + nth + 1).every((place) => joined[place]);
}
