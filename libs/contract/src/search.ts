import { z } from 'zod';
import { Movie, pageSchema, type Page, PageQuery } from './catalog.js';
import { Instant, InstantInput, textSchema } from './primitives.js';

/** By what found movies are sorted. `relevance` without a keyword is `popularity`. */
export const SearchSort = z.enum(['relevance', 'startsAt', 'distance', 'title', 'popularity']);
export type SearchSort = z.infer<typeof SearchSort>;

const decimal = (pipe: z.ZodNumber) =>
  z
    .string()
    .regex(/^[+-]?[0-9]{1,9}(\.[0-9]{1,15})?$/, 'must be a decimal number')
    .transform(Number)
    .pipe(pipe);

const degrees = (most: number) => decimal(z.number().min(-most).max(most));

const moment = InstantInput.transform((time) => Date.parse(time));

/** How far a search may reach from its point. */
const radiusKmMax = 500;

/**
 * `GET /v1/movies/search`: movies with a coming show that was not called off, at the cinemas that all given filters
 * leave. `keyword` looks into titles, people and genres without case and accents, its last word as far as it is typed.
 * `city` is a city's id or name. `lat` and `lon` come together; `radiusKm` goes with them (default 50). `from`
 * (default: now) and `to` bound when shows begin; `to` itself is out.
 */
export const SearchQuery = PageQuery.extend({
  keyword: textSchema(200).optional(),
  city: textSchema(100).optional().meta({ description: "A city's id or name" }),
  lat: degrees(90).optional(),
  lon: degrees(180).optional(),
  radiusKm: decimal(z.number().positive().max(radiusKmMax)).optional(),
  from: moment.optional(),
  to: moment.optional(),
  postalCode: textSchema(20).optional(),
  spellcheck: z
    .enum(['true', 'false'])
    .default('true')
    .transform((value) => value === 'true'),
  sort: SearchSort.default('relevance'),
}).superRefine(({ lat, lon, radiusKm, from, to, sort }, context) => {
  const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
  if (lat === undefined && lon !== undefined) refuse('lat', 'is missing: lat and lon come together');
  if (lon === undefined && lat !== undefined) refuse('lon', 'is missing: lat and lon come together');
  if (radiusKm !== undefined && lat === undefined && lon === undefined) refuse('lat', 'is missing: radiusKm needs it');
  if (sort === 'distance' && lat === undefined && lon === undefined) {
    refuse('lat', 'is missing: sort=distance needs lat and lon');
  }
  if (from !== undefined && to !== undefined && to <= from) refuse('to', 'must be later than from');
});
export type SearchQuery = z.output<typeof SearchQuery>;

/**
 * A found movie. `nextShowAt`, `cinemas` and `shows` speak of the shows that the filters leave; without any place, time
 * or keyword to narrow them, counts above a thousand may be a few minutes old. `distanceKm` is the nearest of those
 * cinemas', null without `lat` and `lon`.
 */
export const FoundMovie = z
  .object({
    movie: Movie,
    nextShowAt: Instant,
    cinemas: z.int(),
    distanceKm: z.number().nullable(),
    shows: z.int(),
  })
  .meta({ id: 'FoundMovie' });
export type FoundMovie = z.infer<typeof FoundMovie>;

/**
 * Found movies. `didYouMean` is what was searched for instead of a misspelt keyword; null where the keyword was searched
 * for as it came. The pages of one search show what was on at its first: no movie comes twice or is lost meanwhile.
 */
export const FoundMovies = pageSchema(FoundMovie)
  .extend({ didYouMean: z.string().nullable() })
  .meta({ id: 'FoundMovies' });
export interface FoundMovies extends Page<FoundMovie> {
  didYouMean: string | null;
}
