import { get as httpGet, type IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { expect } from '@jest/globals';
import {
  type Cinema,
  type CinemaShowtimes,
  type City,
  endpoints,
  type Movie,
  type MovieShowtimes,
  type Page,
  type Show,
  type Showtime,
} from '@usher/contract';
import type { z } from 'zod';
import type { FileApp } from './file-app.js';

/** An answer of the REST API as it came over the wire. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The bytes of the body as they came, possibly compressed. */
  readonly bytes: Buffer;
}

/** A show of the demo catalog, with the ids of its cinema and its movie. */
export type ListedShow = Showtime & { readonly cinemaId: number; readonly movieId: number };

/** Returns the calendar day of an instant in a time zone, for example `2026-11-30`. */
export const formatLocalDay = (instant: string, timeZone: string): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(new Date(instant));

/** Returns the calendar day that is `days` days from today in a time zone. */
export const localDayFromNow = (days: number, timeZone: string): string =>
  formatLocalDay(new Date(Date.now() + days * 86_400_000).toISOString(), timeZone);

/** Reads the catalog over REST. Every answer must match the contract exactly. */
export class CatalogClient {
  constructor(private readonly app: FileApp) {}

  get(path: string, headers: Record<string, string> = {}): Promise<WireAnswer> {
    return sendGet(this.app.url + path, headers);
  }

  /** Returns the body of the answer, which must have no wrong, missing or extra fields. */
  read<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return readByContract(this.app.url, path, schema);
  }

  /** Returns all items of a list, read page by page. */
  readAll<T>(path: string, schema: z.ZodType<Page<T>>, limit = 100): Promise<T[]> {
    return readAllPages(this.app.url, path, schema, limit);
  }

  listCities(query = ''): Promise<City[]> {
    return this.readAll<City>(`/v1/cities${query}`, endpoints.listCities.answer);
  }

  listCinemas(cityId: number, limit?: number): Promise<Cinema[]> {
    return this.readAll<Cinema>(`/v1/cities/${cityId}/cinemas`, endpoints.listCinemasOfCity.answer, limit);
  }

  listMovies(cityId: number, query = '', limit?: number): Promise<Movie[]> {
    return this.readAll<Movie>(`/v1/cities/${cityId}/movies${query}`, endpoints.listMoviesOfCity.answer, limit);
  }

  listShowtimesOfMovie(movieId: number, query: string, limit?: number): Promise<CinemaShowtimes[]> {
    const path = `/v1/movies/${movieId}/showtimes${query}`;
    return this.readAll<CinemaShowtimes>(path, endpoints.listShowtimesOfMovie.answer, limit);
  }

  listShowtimesOfCinema(cinemaId: number, query = '', limit?: number): Promise<MovieShowtimes[]> {
    const path = `/v1/cinemas/${cinemaId}/showtimes${query}`;
    return this.readAll<MovieShowtimes>(path, endpoints.listShowtimesOfCinema.answer, limit);
  }

  readShow(showId: number): Promise<Show> {
    return this.read<Show>(`/v1/shows/${showId}`, endpoints.getShow.answer);
  }

  /** Returns the first city whose name contains the text. */
  async findCity(name: string): Promise<City> {
    const [found] = await this.listCities(`?q=${encodeURIComponent(name)}`);
    if (!found) throw new Error(`no city ${name}`);
    return found;
  }

  /** Returns a demo show that begins in three days, so that its sale is open while the test runs. */
  async findShowOnSale(): Promise<ListedShow> {
    const { cityId, timeZone } = await this.findCity('Berlin');
    const [cinema] = await this.listCinemas(cityId);
    const { cinemaId } = cinema!;
    const [first] = await this.listShowtimesOfCinema(cinemaId, `?date=${localDayFromNow(3, timeZone)}`);
    return { ...first!.shows[0]!, cinemaId, movieId: first!.movie.movieId };
  }
}

/**
 * Sends a request with `node:http`. `fetch` would add `Cache-Control: no-cache` to a conditional request, so it would
 * never get a 304.
 */
function sendGet(url: string, headers: Record<string, string>): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    httpGet(url, { headers }, (response) => {
      buffer(response).then(
        (bytes) =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, body: bytes.toString() }),
        reject,
      );
    }).on('error', reject);
  });
}

async function readByContract<T>(url: string, path: string, schema: z.ZodType<T>): Promise<T> {
  const { status, body } = await sendGet(url + path, {});
  expect({ path, status }).toEqual({ path, status: 200 });
  const value = JSON.parse(body) as unknown;
  const parsed = schema.parse(value);
  expect(value).toEqual(parsed);
  return parsed;
}

async function readAllPages<T>(baseUrl: string, path: string, schema: z.ZodType<Page<T>>, limit: number): Promise<T[]> {
  const items: T[] = [];
  const url = new URL(path, baseUrl);
  url.searchParams.set('limit', String(limit));
  for (;;) {
    const page = await readByContract(baseUrl, `${url.pathname}${url.search}`, schema);
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    if (page.nextCursor === null) return items;
    url.searchParams.set('cursor', page.nextCursor);
  }
}
