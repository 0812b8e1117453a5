import type { LayoutStage } from '@usher/contract';

export interface Point {
  x: number;
  y: number;
}

/** The smallest rectangle that contains all seats. */
export interface Bounds {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/**
 * The distance from the screen to a cinema's best seats, as a fraction of the distance from the screen to the last row.
 */
const BEST_DEPTH = 2 / 3;

/** If a stage overlaps the seats by more than this fraction of their depth, the audience sits around the stage. */
const ARENA_OVERLAP = 0.25;

/**
 * Returns the point of the hall with the best view. If a screen or stage is at an edge of the hall, the point is
 * centred in front of it, two thirds of the way to the last row. If the audience sits around the stage, the point is as
 * near to the stage as possible. Without a screen or stage, it is the middle of the hall. The point is never outside
 * the rectangle of the seats.
 *
 * @param middle the middle of the hall's drawing
 */
export function bestPoint(seats: Bounds, stage: Omit<LayoutStage, 'label'> | null, middle: Point): Point {
  const wanted = stage ? beforeStage(seats, stage) : middle;
  return { x: clamp(wanted.x, seats.left, seats.right), y: clamp(wanted.y, seats.top, seats.bottom) };
}

function beforeStage(seats: Bounds, stage: Omit<LayoutStage, 'label'>): Point {
  const centre = { x: stage.x + stage.width / 2, y: stage.y + stage.height / 2 };
  const [right, bottom] = [stage.x + stage.width, stage.y + stage.height];
  const [wide, deep] = [seats.right - seats.left, seats.bottom - seats.top];
  const sides = [
    { gap: seats.top - bottom, depth: deep, point: { x: centre.x, y: between(bottom, seats.bottom) } },
    { gap: stage.y - seats.bottom, depth: deep, point: { x: centre.x, y: between(stage.y, seats.top) } },
    { gap: seats.left - right, depth: wide, point: { x: between(right, seats.right), y: centre.y } },
    { gap: stage.x - seats.right, depth: wide, point: { x: between(stage.x, seats.left), y: centre.y } },
  ];
  const side = sides.reduce((best, next) => (next.gap > best.gap ? next : best));
  return side.gap >= -ARENA_OVERLAP * side.depth ? side.point : centre;
}

function between(stageEdge: number, lastRow: number): number {
  return stageEdge + (lastRow - stageEdge) * BEST_DEPTH;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
