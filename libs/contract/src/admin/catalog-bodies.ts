import { z } from 'zod';
import { LayoutInput } from '../layouts/layout-input.js';
import { boundedArraySchema } from '../values/bounded-array.js';
import { Id } from '../values/ids.js';
import { nameSchema, proseSchema, singleLineSchema, textSchema, webAddressSchema } from '../values/texts.js';
import { CalendarDay } from '../values/times.js';

const title = nameSchema(200);
const lat = z.number().min(-90).max(90);
const lon = z.number().min(-180).max(180);

/** An IANA time zone that this runtime knows. */
const TimeZone = textSchema(64).refine(isTimeZone, 'must be an IANA time zone, such as Europe/Berlin');

function isTimeZone(timeZone: string): boolean {
  // Accepts only `UTC` and names with an area, such as `Europe/Berlin`. A runtime may also know offsets and
  // abbreviations, but these have no summer time.
  if (timeZone !== 'UTC' && !timeZone.includes('/')) return false;
  try {
    return Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Body of `POST /v1/admin/cities`. */
export const CityBody = z
  .strictObject({
    name: title,
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, 'must be an ISO-3166 alpha-2 code')
      .meta({ example: 'DE' }),
    timeZone: TimeZone,
    lat,
    lon,
  })
  .meta({ id: 'CityBody' });
export type CityBody = z.infer<typeof CityBody>;

/** Body of `PATCH /v1/admin/cities/:cityId`. Fields that the body omits keep their values. */
export const CityPatch = CityBody.partial().meta({ id: 'CityPatch' });
export type CityPatch = z.infer<typeof CityPatch>;

/** Body of `POST /v1/admin/cinemas`. */
export const CinemaBody = z
  .strictObject({
    cityId: Id,
    name: title,
    address: singleLineSchema(300),
    postalCode: singleLineSchema(20),
    lat,
    lon,
  })
  .meta({ id: 'CinemaBody' });
export type CinemaBody = z.infer<typeof CinemaBody>;

/** Body of `PATCH /v1/admin/cinemas/:cinemaId`. Fields that the body omits keep their values. */
export const CinemaPatch = CinemaBody.partial().meta({ id: 'CinemaPatch' });
export type CinemaPatch = z.infer<typeof CinemaPatch>;

/**
 * Body of `POST /v1/admin/halls`. `layout` is a layout as JSON, or `{ text }` with a layout in the compact text form.
 */
export const HallBody = z.strictObject({ cinemaId: Id, name: title, layout: LayoutInput }).meta({ id: 'HallBody' });
export type HallBody = z.infer<typeof HallBody>;

/**
 * Body of `PATCH /v1/admin/halls/:hallId`. Fields that the body omits keep their values. A new layout applies only to
 * shows that are created later.
 */
export const HallPatch = HallBody.partial().meta({ id: 'HallPatch' });
export type HallPatch = z.infer<typeof HallPatch>;

/** A hall as administrators see it. `layoutId` is the layout that new shows in this hall get. */
export const Hall = z
  .object({ hallId: Id, cinemaId: Id, name: z.string(), layoutId: Id, seatCount: z.int().positive() })
  .meta({ id: 'Hall' });
export type Hall = z.infer<typeof Hall>;

const movieFields = {
  title,
  originalTitle: title.nullable(),
  people: boundedArraySchema(z.strictObject({ name: title, role: title }), { max: 500 }),
  genres: boundedArraySchema(title, { max: 50 }),
  language: z
    .string()
    .regex(/^[a-z]{2,3}$/, 'must be an ISO-639 code')
    .nullable(),
  durationMinutes: z.int().min(1).max(1440),
  releaseDate: CalendarDay.nullable(),
  synopsis: proseSchema(10_000).nullable(),
  posterUrl: webAddressSchema(/^https?$/, 'must be an http(s) URL')
    .max(2000)
    .nullable(),
};

/** Body of `POST /v1/admin/movies`. */
export const MovieBody = z
  .strictObject({
    ...movieFields,
    originalTitle: movieFields.originalTitle.default(null),
    people: movieFields.people.default([]),
    genres: movieFields.genres.default([]),
    language: movieFields.language.default(null),
    releaseDate: movieFields.releaseDate.default(null),
    synopsis: movieFields.synopsis.default(null),
    posterUrl: movieFields.posterUrl.default(null),
  })
  .meta({ id: 'MovieBody' });
export type MovieBody = z.infer<typeof MovieBody>;

/** Body of `PATCH /v1/admin/movies/:movieId`. Fields that the body omits keep their values. */
export const MoviePatch = z.strictObject(movieFields).partial().meta({ id: 'MoviePatch' });
export type MoviePatch = z.infer<typeof MoviePatch>;
