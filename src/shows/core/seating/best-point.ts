import type { LayoutStage } from '@usher/contract';

export interface Point {
  x: number;
  y: number;
}

/** The rectangle that just holds all seats. */
export interface Bounds {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** How far back the best seats of a cinema are, as a share of the way from the screen to the last row. */
const BEST_DEPTH = 2 / 3;

/** A stage that reaches further than this share of the seats' depth in among them is one people sit around. */
const ARENA_OVERLAP = 0.25;

/**
 * Where one sees best. Before a screen or stage at any edge of the hall: the middle of its width, two thirds of the way
 * to the last row. Around a stage: as near as can be. Without one: the middle of the hall. Never outside the seats.
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
