import type { MouseEvent } from 'react';
import type { HallMap, HallSeat } from './hall-map.js';

/** Returns the seat at which keyboard navigation starts. It is the seat nearest to the middle of all seats. */
export function findMiddleSeat(map: HallMap): HallSeat {
  const [first] = map.seats;
  if (first === undefined) throw new Error('a hall must have at least one seat');
  const middle = {
    x: map.seats.reduce((sum, { x }) => sum + x, 0) / map.seats.length,
    y: map.seats.reduce((sum, { y }) => sum + y, 0) / map.seats.length,
  };
  return findNearestSeat(map, middle) ?? first;
}

function findNearestSeat(
  map: HallMap,
  { x, y }: { x: number; y: number },
  distanceMax = Infinity,
): HallSeat | undefined {
  let best: HallSeat | undefined;
  let bestDistance = distanceMax;
  for (const seat of map.seats) {
    const distance = Math.hypot(seat.x - x, seat.y - y);
    if (distance < bestDistance) [best, bestDistance] = [seat, distance];
  }
  return best;
}

/** Returns the seat to which an element of the map belongs. */
export function findSeatOfElement(map: HallMap, target: EventTarget): HallSeat | undefined {
  if (!(target instanceof Element)) return undefined;
  const cell = target.closest<SVGElement>('[data-seat]');
  return cell === null ? undefined : map.seats[Number(cell.dataset['seat'])];
}

/** Returns the seat that the user most likely meant when pressing between the seats. */
export function findSeatNearPointer(
  map: HallMap,
  { currentTarget, clientX, clientY }: MouseEvent<SVGSVGElement>,
): HallSeat | undefined {
  const { left, top, width, height } = currentTarget.getBoundingClientRect();
  const point = { x: ((clientX - left) / width) * map.width, y: ((clientY - top) / height) * map.height };
  return findNearestSeat(map, point, map.pitch * 0.8);
}
