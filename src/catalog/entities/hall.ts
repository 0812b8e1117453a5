import { defineEntity, p } from '@mikro-orm/core';
import { Cinema } from './cinema.js';
import { Layout } from './layout.js';

const HallSchema = defineEntity({
  name: 'Hall',
  tableName: 'hall',
  properties: {
    id: p.integer().primary().generated('by default as identity').name('id'),
    /** The id of the row in the source system of the import; null if the row was not imported. */
    externalRef: p.text().nullable().unique('hall_external_ref').name('external_ref'),
    cinema: () => p.manyToOne(Cinema).name('cinema_id').index('hall_cinema_id'),
    name: p.text().name('name'),
    /** The layout that new shows in this hall get. */
    layout: () => p.manyToOne(Layout).name('layout_id').index('hall_layout_id'),
  },
});

/** A hall of a cinema. */
export class Hall extends HallSchema.class {}
HallSchema.setClass(Hall);
