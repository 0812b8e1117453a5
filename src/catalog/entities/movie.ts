import { defineEntity, p } from '@mikro-orm/core';

const MovieSchema = defineEntity({
  name: 'Movie',
  tableName: 'movie',
  indexes: [{ name: 'movie_title_id', properties: ['title', 'id'] }],
  properties: {
    id: p.integer().primary().generated('by default as identity').name('id'),
    /** The id of the row in the source system of the import; null if the row was not imported. */
    externalRef: p.text().nullable().unique('movie_external_ref').name('external_ref'),
    title: p.text().name('title'),
    originalTitle: p.text().nullable().name('original_title'),
    people: p.json().$type<{ name: string; role: string }[]>().name('people'),
    genres: p.json().$type<string[]>().name('genres'),
    /** ISO-639-1. */
    language: p.text().nullable().name('language'),
    durationMinutes: p.integer().name('duration_minutes'),
    /** A calendar day such as `2004-11-12`. */
    releaseDate: p.date().nullable().name('release_date'),
    synopsis: p.text().nullable().name('synopsis'),
    posterUrl: p.text().nullable().name('poster_url'),
  },
});

/** A movie or another event. */
export class Movie extends MovieSchema.class {}
MovieSchema.setClass(Movie);
