import type { Cinema, Movie, PriceTier, Showtime } from '@usher/contract';
import { toEpochMs, toIso } from '../database/sql-time.js';
import { saleStatus } from './sale-status.js';

/** Selects the columns of `city` under the names of the contract. */
export const cityColumns = `city.id as "cityId", city.name, city.country, city.time_zone as "timeZone", city.lat, city.lon`;

/** Selects a cinema as one JSON value in the shape of the contract. */
export const cinemaJson = `json_build_object('cinemaId', cinema.id, 'cityId', cinema.city_id, 'name', cinema.name,
  'address', cinema.address, 'postalCode', cinema.postal_code, 'lat', cinema.lat, 'lon', cinema.lon,
  'timeZone', (select time_zone from city where city.id = cinema.city_id))`;

/** Selects a movie as one JSON value in the shape of the contract. */
export const movieJson = `json_build_object('movieId', movie.id, 'title', movie.title,
  'originalTitle', movie.original_title, 'people', movie.people, 'genres', movie.genres, 'language', movie.language,
  'durationMinutes', movie.duration_minutes, 'releaseDate', movie.release_date, 'synopsis', movie.synopsis,
  'posterUrl', movie.poster_url)`;

export interface CinemaRow {
  cinema: Cinema;
}

export interface MovieRow {
  movie: Movie;
}

/**
 * Joins one row of a table by its primary key, and forces the planner to use the index. A page needs only a few dozen
 * rows, but the planner would read the whole table if it is small, because it underestimates the cost.
 */
export const joinByKey = (table: string, key: string, name = table): string =>
  `cross join lateral (select * from ${table} ${name} where ${key} offset 0) ${name}`;

/**
 * Selects the entry of a show in a list, from `show`, `hall` and `layout`. A show without a ledger has never been
 * opened, so all of its seats are free.
 */
export const showtimeJson = `json_build_object('showId', show.id, 'startsAt', ${toEpochMs('show.starts_at')},
  'hallName', hall.name, 'currency', show.currency,
  'priceFrom', (select min(amount::bigint) from jsonb_each_text(show.prices) as price(tier, amount)),
  'free', coalesce((select free from show_ledger where show_id = show.id), layout.seat_count), 'seatCount', layout.seat_count,
  'saleOpensAt', ${toEpochMs('show.sale_opens_at')}, 'saleClosesAt', ${toEpochMs('show.sale_closes_at')},
  'calledOff', show.called_off_at is not null)`;

/** The value that {@link showtimeJson} selects. Times are milliseconds since 1970, and prices are in the minor unit. */
export interface ShowtimeRow {
  showId: number;
  startsAt: number;
  hallName: string;
  currency: string;
  priceFrom: number;
  free: number;
  seatCount: number;
  saleOpensAt: number | null;
  saleClosesAt: number;
  calledOff: boolean;
}

/** Converts prices to the contract's price tiers, cheapest first. */
export const toTiers = (prices: Readonly<Record<string, number>>, currency: string): PriceTier[] =>
  Object.entries(prices)
    .map(([tier, amount]) => ({ tier, price: { amount, currency } }))
    .toSorted((a, b) => a.price.amount - b.price.amount || (a.tier < b.tier ? -1 : 1));

/** Converts the entry of a show in a list to the contract's shape. */
export const toShowtime = (row: ShowtimeRow, now: number): Showtime => ({
  showId: row.showId,
  startsAt: toIso(row.startsAt),
  hallName: row.hallName,
  priceFrom: { amount: row.priceFrom, currency: row.currency },
  free: row.free,
  seatCount: row.seatCount,
  saleStatus: saleStatus(row, now),
});
