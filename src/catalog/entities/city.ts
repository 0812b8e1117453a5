import { defineEntity, p } from '@mikro-orm/core';

const CitySchema = defineEntity({
  name: 'City',
  tableName: 'city',
  indexes: [
    { name: 'city_folded_name_id', properties: ['foldedName', 'id'] },
    {
      name: 'city_name_like',
      expression: 'create index city_name_like on city using gin (folded_name gin_trgm_ops)',
    },
  ],
  properties: {
    id: p.integer().primary().generated('by default as identity').name('id'),
    /** The id of the row in the source system of the import; null if the row was not imported. */
    externalRef: p.text().nullable().unique('city_external_ref').name('external_ref'),
    name: p.text().name('name'),
    /** The result of {@link foldText} for the name. Searches compare this value, and lists are sorted by it. */
    foldedName: p.text().name('folded_name'),
    /** ISO-3166 alpha-2, upper case. */
    country: p.string().length(2).name('country'),
    /** IANA name of the time zone, which decides what calendar day is "today" in the city. */
    timeZone: p.text().name('time_zone'),
    lat: p.double().name('lat'),
    lon: p.double().name('lon'),
  },
});

/** A city with cinemas. */
export class City extends CitySchema.class {}
CitySchema.setClass(City);
