import { defineEntity, p } from '@mikro-orm/core';
import { City } from './city.js';

const DemoCitySchema = defineEntity({
  name: 'DemoCity',
  tableName: 'demo_city',
  properties: {
    city: () => p.oneToOne(City).primary().name('city_id'),
    /** The last local calendar day with planned demo shows, such as `2026-12-06`. */
    plannedThrough: p.date().name('planned_through'),
  },
});

/** Marks a city of the demo catalog. The demo never changes a catalog that has no such row. */
export class DemoCity extends DemoCitySchema.class {}
DemoCitySchema.setClass(DemoCity);
