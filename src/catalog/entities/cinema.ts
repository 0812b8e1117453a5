import { defineEntity, p } from '@mikro-orm/core';
import { City } from './city.js';

const CinemaSchema = defineEntity({
  name: 'Cinema',
  tableName: 'cinema',
  indexes: [
    { name: 'cinema_city_id_name_id', properties: ['city', 'name', 'id'] },
    { name: 'cinema_lat_lon', properties: ['lat', 'lon'] },
    {
      name: 'cinema_postal_code',
      expression: `create index cinema_postal_code on cinema (upper(regexp_replace(postal_code, '[\\s-]', '', 'g')))`,
    },
  ],
  properties: {
    id: p.integer().primary().generated('by default as identity').name('id'),
    /** The id of the row in the source system of the import; null if the row was not imported. */
    externalRef: p.text().nullable().unique('cinema_external_ref').name('external_ref'),
    city: () => p.manyToOne(City).name('city_id').index(false),
    name: p.text().name('name'),
    address: p.text().name('address'),
    postalCode: p.text().name('postal_code'),
    lat: p.double().name('lat'),
    lon: p.double().name('lon'),
  },
});

/** A cinema or another venue with halls. */
export class Cinema extends CinemaSchema.class {}
CinemaSchema.setClass(Cinema);
