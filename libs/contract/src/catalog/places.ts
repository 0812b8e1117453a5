import { z } from 'zod';
import { Id } from '../values/ids.js';
import { PageQuery } from '../values/pages.js';
import { textSchema } from '../values/texts.js';

/** A city. `timeZone` is an IANA name. It decides when a day begins in the city. */
export const City = z
  .object({
    cityId: Id,
    name: z.string(),
    country: z.string().meta({ description: 'ISO-3166 alpha-2', example: 'DE' }),
    timeZone: z.string().meta({ example: 'Europe/Berlin' }),
    lat: z.number(),
    lon: z.number(),
  })
  .meta({ id: 'City' });
export type City = z.infer<typeof City>;

/** A cinema or another venue with halls. */
export const Cinema = z
  .object({
    cinemaId: Id,
    cityId: Id,
    name: z.string(),
    address: z.string(),
    postalCode: z.string(),
    lat: z.number(),
    lon: z.number(),
    timeZone: z.string(),
  })
  .meta({ id: 'Cinema' });
export type Cinema = z.infer<typeof Cinema>;

/** Query of `GET /v1/cities`. */
export const CitiesQuery = PageQuery.extend({
  q: textSchema(100).optional(),
  country: z
    .string()
    .regex(/^[A-Za-z]{2}$/, 'must be an ISO-3166 alpha-2 code')
    .optional(),
});
