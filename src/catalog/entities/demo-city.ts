import { defineEntity, p } from '@mikro-orm/core';
import { City } from './city.js';

const DemoCitySchema = defineEntity({
  name: 'DemoCity',
  tableName: 'demo_city',
  properties: {
    city: () => p.oneToOne(City).primary().name('city_id'),
    /** The last calendar day of the city, `2026-12-06`, whose demo shows have been planned. */
    plannedThrough: p.date().name('planned_through'),
  },
});

/** Marks a city of the demo catalog. A catalog without such a mark is somebody's own: the demo never touches it. */
export class DemoCity extends DemoCitySchema.class {}
DemoCitySchema.setClass(DemoCity);
