import { z } from 'zod';
import { Id } from '../values/ids.js';
import { nameSchema } from '../values/texts.js';

/**
 * A seat, identified by its position in the layout's `seats` array, counted from 0. {@link LayoutSeat} has its label.
 */
export const Seat = z.int().meta({ description: "Position in the hall layout's seats array, from 0", example: 112 });

/** The name of a group of seats with one price ("standard", "premium" …). It is a key of the show's prices. */
export const Tier = nameSchema(64);

/**
 * The kind of a seat. A `companion` seat is beside a wheelchair place. A `restrictedView` seat is sold like a standard
 * seat.
 */
export const SeatKind = z.enum(['standard', 'wheelchair', 'companion', 'restrictedView']);
export type SeatKind = z.infer<typeof SeatKind>;

/**
 * One seat of a layout with its position in the hall. The seats of a row are listed in the order in which a person
 * walks past them. A wider distance between two neighbouring seats is an aisle.
 */
export const LayoutSeat = z
  .object({
    label: z.string().meta({ example: 'D12' }),
    section: z.string(),
    row: z.string(),
    number: z.string(),
    x: z.number(),
    y: z.number(),
    tier: Tier,
    kind: SeatKind,
  })
  .meta({ id: 'LayoutSeat' });
export type LayoutSeat = z.infer<typeof LayoutSeat>;

/** The screen or the stage, as a rectangle in the layout's units. */
export const LayoutStage = z.object({
  label: z.string(),
  x: z.number(),
  y: z.number(),
  width: z.number().positive(),
  height: z.number().positive(),
});
export type LayoutStage = z.infer<typeof LayoutStage>;

/** A named part of a hall (stalls, circle, box 3). Each seat refers to its section by this name. */
export const LayoutSection = z.object({ name: z.string() });
export type LayoutSection = z.infer<typeof LayoutSection>;

/**
 * The layout of a hall. A layout never changes after it was created. Each layout chooses its own unit of length. `x`
 * goes from 0 at the left to `width`. `y` goes from 0 at the edge near the stage to `height` at the opposite edge.
 * Everywhere else, a seat is identified by its position in `seats`.
 */
export const Layout = z
  .object({
    layoutId: Id,
    seatCount: z.int().positive(),
    width: z.number().positive(),
    height: z.number().positive(),
    stage: LayoutStage.nullable(),
    sections: z.array(LayoutSection),
    seats: z.array(LayoutSeat),
  })
  .meta({ id: 'Layout' });
export type Layout = z.infer<typeof Layout>;
