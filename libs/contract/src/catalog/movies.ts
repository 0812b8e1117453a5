import { z } from 'zod';
import { Id } from '../values/ids.js';
import { PageQuery } from '../values/pages.js';
import { CalendarDay } from '../values/times.js';

/** A movie, or another event of which there are shows. */
export const Movie = z
  .object({
    movieId: Id,
    title: z.string(),
    originalTitle: z.string().nullable(),
    people: z.array(z.object({ name: z.string(), role: z.string() })),
    genres: z.array(z.string()),
    language: z.string().nullable(),
    durationMinutes: z.int(),
    releaseDate: CalendarDay.nullable(),
    synopsis: z.string().nullable(),
    posterUrl: z.string().nullable(),
  })
  .meta({ id: 'Movie' });
export type Movie = z.infer<typeof Movie>;

/**
 * Query of `GET /v1/cities/:cityId/movies`. `date` is a day in that city. Without it, the list covers today and later.
 */
export const CityMoviesQuery = PageQuery.extend({ date: CalendarDay.optional() });
