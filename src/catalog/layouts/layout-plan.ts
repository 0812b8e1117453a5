import type { Layout, LayoutSeat, LayoutSection, LayoutStage } from '@usher/contract';

/** A layout before it is stored: all of {@link Layout} but its id. One unit is the width of a seat. */
export type LayoutPlan = Omit<Layout, 'layoutId'>;

/** Empty space, in units, between the outermost seats or the stage and the drawing's edge. */
const margin = 1;

/** A seat reaches half a unit to each side of its x and y. */
const reach = 0.5;

/** Letters of rows from the stage backwards: A to Z without I and O, which are read as 1 and 0; then AA, BB … */
export function rowName(index: number): string {
  const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
  const letter = letters.charAt(index % letters.length);
  return letter.repeat(Math.floor(index / letters.length) + 1);
}

const hundredths = (value: number): number => Math.round(value * 100) / 100;

/**
 * Moves a drawing made around any origin into its frame: everything from 0 up to width and height, a margin around it,
 * coordinates in hundredths of a unit.
 */
export function framed(
  sections: LayoutSection[],
  stage: Pick<LayoutStage, 'label' | 'x' | 'y' | 'width' | 'height'>,
  seats: LayoutSeat[],
): LayoutPlan {
  const left = Math.min(stage.x, ...seats.map(({ x }) => x - reach)) - margin;
  const top = Math.min(stage.y, ...seats.map(({ y }) => y - reach)) - margin;
  const right = Math.max(stage.x + stage.width, ...seats.map(({ x }) => x + reach)) + margin;
  const bottom = Math.max(stage.y + stage.height, ...seats.map(({ y }) => y + reach)) + margin;
  const moved = <T extends { x: number; y: number }>(thing: T): T => ({
    ...thing,
    x: hundredths(thing.x - left),
    y: hundredths(thing.y - top),
  });
  return {
    seatCount: seats.length,
    width: hundredths(right - left),
    height: hundredths(bottom - top),
    stage: moved(stage),
    sections,
    seats: seats.map(moved),
  };
}
