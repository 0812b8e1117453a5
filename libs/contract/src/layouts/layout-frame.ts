import type { LayoutSeat, LayoutSection, LayoutStage } from '../catalog.js';
import type { LayoutBody } from './layout-body.js';

/** Empty space, in units, between the outermost seats or the stage and the drawing's edge. */
const margin = 1;

/** A seat reaches half a unit to each side of its x and y. */
const reach = 0.5;

const hundredths = (value: number): number => Math.round(value * 100) / 100;

/**
 * Moves a drawing made around any origin into its frame: everything from 0 up to width and height, a margin around it,
 * coordinates in hundredths of a unit.
 *
 * @param seats one at least
 */
export function fitIntoFrame(
  sections: LayoutSection[],
  stage: LayoutStage | null,
  seats: readonly LayoutSeat[],
): LayoutBody {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  const cover = (x: number, y: number, toRight: number, toBottom: number) => {
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, toRight), Math.max(bottom, toBottom)];
  };
  if (stage) cover(stage.x, stage.y, stage.x + stage.width, stage.y + stage.height);
  for (const { x, y } of seats) cover(x - reach, y - reach, x + reach, y + reach);
  const moved = <T extends { x: number; y: number }>(thing: T): T => ({
    ...thing,
    x: hundredths(thing.x - left + margin),
    y: hundredths(thing.y - top + margin),
  });
  return {
    width: hundredths(right - left + 2 * margin),
    height: hundredths(bottom - top + 2 * margin),
    stage: stage && moved(stage),
    sections,
    seats: seats.map(moved),
  };
}
