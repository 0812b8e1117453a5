import { defineEntity, p } from '@mikro-orm/core';
import { City } from './city.js';

const CinemaSchema = defineEntity({
  name: 'Cinema',
  tableName: 'cinema',
  indexes: [{ name: 'cinema_city_id_name_id', properties: ['city', 'name', 'id'] }],
  properties: {
    id: p.integer().primary().generated('by default as identity').name('id'),
    city: () => p.manyToOne(City).name('city_id').index(false),
    name: p.text().name('name'),
    address: p.text().name('address'),
    postalCode: p.text().name('postal_code'),
    lat: p.double().name('lat'),
    lon: p.double().name('lon'),
  },
});

/** A cinema or any other house with halls. */
export class Cinema extends CinemaSchema.class {}
CinemaSchema.setClass(Cinema);
