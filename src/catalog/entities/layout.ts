import { defineEntity, p } from '@mikro-orm/core';
import type { LayoutSeat, LayoutSection, LayoutStage } from '@usher/contract';

const LayoutSchema = defineEntity({
  name: 'Layout',
  tableName: 'layout',
  properties: {
    id: p.integer().primary().generated('by default as identity').name('id'),
    seatCount: p.integer().name('seat_count'),
    /** In the layout's own units, as all of its coordinates. */
    width: p.double().name('width'),
    height: p.double().name('height'),
    stage: p.json().$type<LayoutStage>().nullable().name('stage'),
    sections: p.json().$type<LayoutSection[]>().name('sections'),
    seats: p.json().$type<LayoutSeat[]>().name('seats'),
  },
});

/**
 * A hall's layout, never changed once made: sold seats are positions in it. A hall that is rebuilt points to a new one,
 * and its shows keep the layout that they were sold with.
 */
export class Layout extends LayoutSchema.class {}
LayoutSchema.setClass(Layout);
