import type { Cinema, Movie, PriceTier, Showtime } from '@usher/contract';
import { saleStatus } from './sale-status.js';

/** Selects a time as whole milliseconds since 1970: the ORM's pool would hand it over as PostgreSQL's text. */
export const ms = (time: string): string => `(extract(epoch from ${time}) * 1000)::float8`;

/** Columns of `city` under the contract's names. */
export const cityColumns = `city.id as "cityId", city.name, city.country, city.time_zone as "timeZone", city.lat, city.lon`;

/** Columns of `cinema` as one value in the contract's shape. */
export const cinemaJson = `json_build_object('cinemaId', cinema.id, 'cityId', cinema.city_id, 'name', cinema.name,
  'address', cinema.address, 'postalCode', cinema.postal_code, 'lat', cinema.lat, 'lon', cinema.lon,
  'timeZone', (select time_zone from city where city.id = cinema.city_id))`;

/** Columns of `movie` as one value in the contract's shape. */
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
 * Joins the one row of a table by its primary key. However the planner weighs it, it is looked up: for a page's dozens of
 * rows a join that reads the whole of a small table looks cheaper to it than it is.
 */
export const looked = (table: string, key: string, name = table): string =>
  `cross join lateral (select * from ${table} ${name} where ${key} offset 0) ${name}`;

/**
 * A show in a list, of `show`, `hall` and `layout`. One that was never touched has no ledger, and all of its seats are
 * free.
 */
export const showtimeJson = `json_build_object('showId', show.id, 'startsAt', ${ms('show.starts_at')},
  'hallName', hall.name, 'currency', show.currency,
  'priceFrom', (select min(amount::bigint) from jsonb_each_text(show.prices) as price(tier, amount)),
  'free', coalesce((select free from show_ledger where show_id = show.id), layout.seat_count), 'seatCount', layout.seat_count,
  'saleOpensAt', ${ms('show.sale_opens_at')}, 'saleClosesAt', ${ms('show.sale_closes_at')},
  'calledOff', show.called_off_at is not null)`;

/** What {@link showtimeJson} selects. Times in milliseconds since 1970, prices in the minor unit. */
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

/** The contract's instant of a time in milliseconds since 1970. */
export const instant = (time: number): string => new Date(time).toISOString();

/** Prices as the contract has them, the cheapest tier first. */
export const toTiers = (prices: Readonly<Record<string, number>>, currency: string): PriceTier[] =>
  Object.entries(prices)
    .map(([tier, amount]) => ({ tier, price: { amount, currency } }))
    .toSorted((a, b) => a.price.amount - b.price.amount || (a.tier < b.tier ? -1 : 1));

/** A show in a list as the contract has it. */
export const toShowtime = (row: ShowtimeRow, now: number): Showtime => ({
  showId: row.showId,
  startsAt: instant(row.startsAt),
  hallName: row.hallName,
  priceFrom: { amount: row.priceFrom, currency: row.currency },
  free: row.free,
  seatCount: row.seatCount,
  saleStatus: saleStatus(row, now),
});
