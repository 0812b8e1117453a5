import { defineEntity, p } from '@mikro-orm/core';
import { Cinema } from './cinema.js';
import { Layout } from './layout.js';

const HallSchema = defineEntity({
  name: 'Hall',
  tableName: 'hall',
  properties: {
    id: p.integer().primary().generated('by default as identity').name('id'),
    /** The name that an import knows it by; null: made otherwise. */
    externalRef: p.text().nullable().unique('hall_external_ref').name('external_ref'),
    cinema: () => p.manyToOne(Cinema).name('cinema_id').index('hall_cinema_id'),
    name: p.text().name('name'),
    /** What a show that is planned now would be sold with. */
    layout: () => p.manyToOne(Layout).name('layout_id').index('hall_layout_id'),
  },
});

/** A room of a cinema. */
export class Hall extends HallSchema.class {}
HallSchema.setClass(Hall);
