import { defineEntity, p } from '@mikro-orm/core';
import type { LayoutSeat, LayoutSection, LayoutStage } from '@usher/contract';

const LayoutSchema = defineEntity({
  name: 'Layout',
  tableName: 'layout',
  properties: {
    id: p.integer().primary().generated('by default as identity').name('id'),
    seatCount: p.integer().name('seat_count'),
    /** The width in the layout's own unit, which all of its coordinates use. */
    width: p.double().name('width'),
    height: p.double().name('height'),
    stage: p.json().$type<LayoutStage>().nullable().name('stage'),
    sections: p.json().$type<LayoutSection[]>().name('sections'),
    seats: p.json().$type<LayoutSeat[]>().name('seats'),
  },
});

/**
 * The layout of a hall. A layout never changes, because sold seats refer to positions in it. A rebuilt hall gets a new
 * layout, and its existing shows keep the old one.
 */
export class Layout extends LayoutSchema.class {}
LayoutSchema.setClass(Layout);
