import { z } from 'zod';
import { Id, IdParam } from '../values/ids.js';
import { Money } from '../values/money.js';
import { PageQuery } from '../values/pages.js';
import { CalendarDay, Instant } from '../values/times.js';
import { Movie } from './movies.js';
import { Cinema } from './places.js';
import { SaleStatus } from './shows.js';

/**
 * A show in a list. `priceFrom` is the price of the show's cheapest tier. `free` is the number of free seats, and may
 * be a few seconds old.
 */
export const Showtime = z
  .object({
    showId: Id,
    startsAt: Instant,
    hallName: z.string(),
    priceFrom: Money,
    free: z.int(),
    seatCount: z.int(),
    saleStatus: SaleStatus,
  })
  .meta({ id: 'Showtime' });
export type Showtime = z.infer<typeof Showtime>;

/** A cinema and its showtimes of one movie. */
export const CinemaShowtimes = z.object({ cinema: Cinema, shows: z.array(Showtime) }).meta({ id: 'CinemaShowtimes' });
export type CinemaShowtimes = z.infer<typeof CinemaShowtimes>;

/** A movie and its showtimes in one cinema. */
export const MovieShowtimes = z.object({ movie: Movie, shows: z.array(Showtime) }).meta({ id: 'MovieShowtimes' });
export type MovieShowtimes = z.infer<typeof MovieShowtimes>;

/** Query of `GET /v1/movies/:movieId/showtimes`. */
export const MovieShowtimesQuery = PageQuery.extend({ cityId: IdParam, date: CalendarDay.optional() });

/** Query of `GET /v1/cinemas/:cinemaId/showtimes`. */
export const CinemaShowtimesQuery = PageQuery.extend({ date: CalendarDay.optional() });
