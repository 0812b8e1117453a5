import type { LayoutBody } from './layout-body.js';
import type { LayoutSeat, LayoutSection, LayoutStage } from './layout.js';

/** Width of the empty space between the edge of the drawing and the outermost seats or the stage. */
const marginUnits = 1;

/** Distance that a seat extends from its centre to each side. */
const seatHalfWidthUnits = 0.5;

const roundToHundredths = (value: number): number => Math.round(value * 100) / 100;

/**
 * Moves a drawing with any origin into a frame that begins at 0, 0 and has a margin on each side. Rounds all
 * coordinates to hundredths of a unit.
 *
 * @param seats at least one seat
 */
export function fitIntoFrame(
  sections: LayoutSection[],
  stage: LayoutStage | null,
  seats: readonly LayoutSeat[],
): LayoutBody {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  const extend = (fromX: number, fromY: number, toX: number, toY: number) => {
    [left, top] = [Math.min(left, fromX), Math.min(top, fromY)];
    [right, bottom] = [Math.max(right, toX), Math.max(bottom, toY)];
  };
  if (stage) extend(stage.x, stage.y, stage.x + stage.width, stage.y + stage.height);
  for (const { x, y } of seats) {
    extend(x - seatHalfWidthUnits, y - seatHalfWidthUnits, x + seatHalfWidthUnits, y + seatHalfWidthUnits);
  }
  const move = <T extends { x: number; y: number }>(item: T): T => ({
    ...item,
    x: roundToHundredths(item.x - left + marginUnits),
    y: roundToHundredths(item.y - top + marginUnits),
  });
  return {
    width: roundToHundredths(right - left + 2 * marginUnits),
    height: roundToHundredths(bottom - top + 2 * marginUnits),
    stage: stage && move(stage),
    sections,
    seats: seats.map(move),
  };
}
