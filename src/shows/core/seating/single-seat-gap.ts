import { SeatStatus } from '@usher/contract';
import { kindCodes, type HallPlan } from './hall-plan.js';
import { likeOrdinary, moveRuns, nearestWindow, runsOf, type Alike } from './nearest.js';
import { ascending, freePlaces, seatsOfWindow } from './windows.js';

/**
 * Whether the sale of `seats` would leave an isolated free seat that was not isolated before. Such a seat is next to
 * one of `seats` without an aisle between them, and it has no free neighbour any more. The rule does not apply to
 * buyers of one seat, to choices with a wheelchair place, or to isolated wheelchair places.
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
 * Returns the nearest choice that leaves no single-seat gap and has the same number of seats of the same tiers.
 * Ordinary seats, including seats with a restricted view, can replace each other. Companion places can only replace
 * companion places.
 *
 * If the given seats are side by side, or would be without one skipped seat, the result is side by side if possible. If
 * they form several groups, the result keeps the groups as long as that leaves no gap. Otherwise it brings the seats
 * together.
 *
 * @param seats distinct free seats for which {@link leavesSingleSeat} is true
 * @returns seats in ascending order; null if every choice leaves a gap, so that the given seats must be allowed
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

/** Whether places are side by side except for one skipped place. @param places ascending */
function skipsOneSeat({ joined }: HallPlan, places: readonly number[]): boolean {
  const [first = 0, last = 0] = [places[0], places.at(-1)];
  if (last - first !== places.length) return false;
  return Array.from({ length: last - first }, (_, nth) => first + nth + 1).every((place) => joined[place]);
}
