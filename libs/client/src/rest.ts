import { type Booking, endpoints, type Session } from '@usher/contract';
import { toUsherError, UsherError } from './errors.js';
import type { Catalog } from './types.js';

/** What is needed to call one of the contract's endpoints and to know its answer. */
interface Callable<T> {
  readonly method: string;
  /** E.g. `/v1/cities/{cityId}`. */
  readonly path: string;
  readonly answer: { parse(value: unknown): T };
}

type Values = Record<string, string | number | undefined>;

/** What {@link Rest} needs to know of its surroundings. */
export interface RestOptions {
  /** Before the endpoints' paths, without a closing slash. */
  base: string;
  apiKey: string | undefined;
  timeoutMs: number;
}

/** Usher's REST endpoints, typed and checked by the contract. Every call rejects with {@link UsherError}. */
export class Rest {
  constructor(private readonly options: RestOptions) {}

  /** A new session. */
  createSession(): Promise<Session> {
    const headers: Record<string, string> = {};
    if (this.options.apiKey !== undefined) headers['x-api-key'] = this.options.apiKey;
    return this.call(endpoints.createSession, {}, {}, headers);
  }

  /** One booking of the session whose token this is. */
  booking(bookingId: string, token: string): Promise<Booking> {
    return this.call(endpoints.getBooking, { bookingId }, {}, { authorization: `Bearer ${token}` });
  }

  /** The catalog's reads. They carry no header of ours, so that caches on the way may answer them. */
  catalog(): Catalog {
    return {
      cities: (query = {}) => this.call(endpoints.listCities, {}, { ...query }),
      cinemas: (cityId, query = {}) => this.call(endpoints.listCinemasOfCity, { cityId }, { ...query }),
      movies: (cityId, query = {}) => this.call(endpoints.listMoviesOfCity, { cityId }, { ...query }),
      movie: (movieId) => this.call(endpoints.getMovie, { movieId }),
      movieShowtimes: (movieId, query) => this.call(endpoints.listShowtimesOfMovie, { movieId }, { ...query }),
      cinema: (cinemaId) => this.call(endpoints.getCinema, { cinemaId }),
      cinemaShowtimes: (cinemaId, query = {}) => this.call(endpoints.listShowtimesOfCinema, { cinemaId }, { ...query }),
      show: (showId) => this.call(endpoints.getShow, { showId }),
      layout: (showId) => this.call(endpoints.getLayout, { showId }),
      seats: (showId) => this.call(endpoints.getSeats, { showId }),
    };
  }

  private async call<T>(
    endpoint: Callable<T>,
    params: Values,
    query: Values = {},
    headers: Record<string, string> = {},
  ): Promise<T> {
    const url = this.options.base + pathOf(endpoint.path, params) + queryOf(query);
    const { ok, body } = await this.fetchJson(url, { method: endpoint.method.toUpperCase(), headers });
    if (!ok) throw toUsherError(body);
    try {
      return endpoint.answer.parse(body);
    } catch (error) {
      throw UsherError.network(`${url} did not answer as Usher does`, error);
    }
  }

  private async fetchJson(url: string, init: RequestInit): Promise<{ ok: boolean; body: unknown }> {
    const signal = AbortSignal.timeout(this.options.timeoutMs);
    try {
      const response = await fetch(url, { ...init, signal });
      return { ok: response.ok, body: await response.json() };
    } catch (error) {
      if (signal.aborted) throw UsherError.timeout(`No answer within ${this.options.timeoutMs} ms`);
      // Out of reach; or a proxy, a sign-in page, anything but JSON.
      throw UsherError.network('The server could not be reached', error);
    }
  }
}

/** Fills `/v1/cities/{cityId}`. */
export function pathOf(path: string, params: Values): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])));
}

/** `?a=1&b=2`, without what is undefined; nothing when all is. */
export function queryOf(values: Values): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) given.set(name, String(value));
  }
  const text = given.toString();
  return text === '' ? '' : `?${text}`;
}
