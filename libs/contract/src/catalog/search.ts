import { z } from 'zod';
import { type Page, PageQuery, pageSchema } from '../values/pages.js';
import { textSchema } from '../values/texts.js';
import { Instant, InstantInput } from '../values/times.js';
import { Movie } from './movies.js';

/** The sort order of found movies. Without a keyword, `relevance` means `popularity`. */
export const SearchSort = z.enum(['relevance', 'startsAt', 'distance', 'title', 'popularity']);
export type SearchSort = z.infer<typeof SearchSort>;

const decimalSchema = (pipe: z.ZodNumber) =>
  z
    .string()
    .regex(/^[+-]?[0-9]{1,9}(\.[0-9]{1,15})?$/, 'must be a decimal number')
    .transform(Number)
    .pipe(pipe);

const degreesSchema = (max: number) => decimalSchema(z.number().min(-max).max(max));

const instantMs = InstantInput.transform((time) => Date.parse(time));

const radiusKmMax = 500;

/**
 * Query of `GET /v1/movies/search`. The service finds movies with at least one upcoming show that is not called off and
 * that matches all given filters.
 *
 * - `keyword` is searched in titles, people and genres, without regard to case and accents. Its last word may be
 *   incomplete.
 * - `city` is the id or the name of a city.
 * - `lat` and `lon` must be given together. `radiusKm` needs both of them; its default is 50.
 * - `from` (default: now) and `to` limit when a show begins. A show that begins at `from` is included, and one that
 *   begins at `to` is not.
 */
export const SearchQuery = PageQuery.extend({
  keyword: textSchema(200).optional(),
  city: textSchema(100).optional().meta({ description: "A city's id or name" }),
  lat: degreesSchema(90).optional(),
  lon: degreesSchema(180).optional(),
  radiusKm: decimalSchema(z.number().positive().max(radiusKmMax)).optional(),
  from: instantMs.optional(),
  to: instantMs.optional(),
  postalCode: textSchema(20).optional(),
  spellcheck: z
    .enum(['true', 'false'])
    .default('true')
    .transform((value) => value === 'true'),
  sort: SearchSort.default('relevance'),
}).superRefine(({ lat, lon, radiusKm, from, to, sort }, context) => {
  const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
  if (lat === undefined && lon !== undefined) refuse('lat', 'is missing; lat and lon must be given together');
  if (lon === undefined && lat !== undefined) refuse('lon', 'is missing; lat and lon must be given together');
  if (radiusKm !== undefined && lat === undefined && lon === undefined) {
    refuse('lat', 'is missing; radiusKm needs lat and lon');
  }
  if (sort === 'distance' && lat === undefined && lon === undefined) {
    refuse('lat', 'is missing; sort=distance needs lat and lon');
  }
  if (from !== undefined && to !== undefined && to <= from) refuse('to', 'must be later than from');
});
export type SearchQuery = z.output<typeof SearchQuery>;

/**
 * A movie that a search found. `nextShowAt`, `cinemas` and `shows` count only the shows that match the filters. If the
 * search has no filter for place, time or keyword, counts above a thousand may be a few minutes old. `distanceKm` is
 * the distance to the nearest of the counted cinemas, or null if the search had no `lat` and `lon`.
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
 * One page of found movies. If the service corrected a misspelt keyword, `didYouMean` is the corrected keyword;
 * otherwise it is null. All pages of one search show the catalog as it was when the first page was read, so no movie is
 * repeated or lost between pages.
 */
export const FoundMovies = pageSchema(FoundMovie)
  .extend({ didYouMean: z.string().nullable() })
  .meta({ id: 'FoundMovies' });
export interface FoundMovies extends Page<FoundMovie> {
  didYouMean: string | null;
}
