import { get as httpGet, type IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import {
  type Cinema,
  type CinemaShowtimes,
  type City,
  endpoints,
  type Layout,
  type Movie,
  type MovieShowtimes,
  type Page,
  type Show,
  type Showtime,
} from '@usher/contract';
import type { z } from 'zod';
import { useApp } from '../../support/file-app.js';

const app = useApp({ demo: true });

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  /** The body as it came over the wire, compressed or not. */
  bytes: Buffer;
}

/** Sends a request with `node:http`. `fetch` would add `Cache-Control: no-cache` to a conditional request, so it never sees 304. */
const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    httpGet(`${app.url}${path}`, { headers }, (response) => {
      buffer(response).then(
        (bytes) =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, body: bytes.toString() }),
        reject,
      );
    }).on('error', reject);
  });

/** Returns the body of an answer, which must match the contract exactly, without wrong, missing or extra fields. */
async function read<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const { status, body } = await get(path);
  expect({ path, status }).toEqual({ path, status: 200 });
  const value = JSON.parse(body) as unknown;
  const parsed = schema.parse(value);
  expect(value).toEqual(parsed);
  return parsed;
}

/** Returns all items of a list, read page by page. */
async function readAll<T>(path: string, schema: z.ZodType<Page<T>>, limit = 100): Promise<T[]> {
  const items: T[] = [];
  const url = new URL(path, app.url);
  url.searchParams.set('limit', String(limit));
  for (;;) {
    const page = await read(`${url.pathname}${url.search}`, schema);
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    if (page.nextCursor === null) return items;
    url.searchParams.set('cursor', page.nextCursor);
  }
}

const listCities = (query = '') => readAll<City>(`/v1/cities${query}`, endpoints.listCities.answer);
const listCinemas = (cityId: number, limit?: number) =>
  readAll<Cinema>(`/v1/cities/${cityId}/cinemas`, endpoints.listCinemasOfCity.answer, limit);
const listMovies = (cityId: number, query = '', limit?: number) =>
  readAll<Movie>(`/v1/cities/${cityId}/movies${query}`, endpoints.listMoviesOfCity.answer, limit);
const listShowtimesOfMovie = (movieId: number, query: string, limit?: number) =>
  readAll<CinemaShowtimes>(`/v1/movies/${movieId}/showtimes${query}`, endpoints.listShowtimesOfMovie.answer, limit);
const listShowtimesOfCinema = (cinemaId: number, query = '', limit?: number) =>
  readAll<MovieShowtimes>(`/v1/cinemas/${cinemaId}/showtimes${query}`, endpoints.listShowtimesOfCinema.answer, limit);
const readShow = (showId: number) => read<Show>(`/v1/shows/${showId}`, endpoints.getShow.answer);

async function findCity(name: string): Promise<City> {
  const [found] = await listCities(`?q=${encodeURIComponent(name)}`);
  if (!found) throw new Error(`no city ${name}`);
  return found;
}

const formatLocalDay = (instant: string, timeZone: string) =>
  new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(new Date(instant));

/** Returns the calendar day in a time zone, counted in days from today. */
const localDayFromNow = (days: number, timeZone: string) =>
  formatLocalDay(new Date(Date.now() + days * 86_400_000).toISOString(), timeZone);

/** Returns a demo show that begins in three days, so that its sale is open while the test runs. */
async function findShowOnSale(): Promise<Showtime & { cinemaId: number; movieId: number }> {
  const { cityId, timeZone } = await findCity('Berlin');
  const [cinema] = await listCinemas(cityId);
  const [first] = await listShowtimesOfCinema(cinema!.cinemaId, `?date=${localDayFromNow(3, timeZone)}`);
  return { ...first!.shows[0]!, cinemaId: cinema!.cinemaId, movieId: first!.movie.movieId };
}

const sortShowIds = (shows: { shows: Showtime[] }[]) =>
  shows.flatMap((group) => group.shows.map(({ showId }) => showId)).toSorted((a, b) => a - b);

describe('cities', () => {
  it('are found by any part of their name, with or without accents and capitals', async () => {
    for (const q of ['zürich', 'ZURICH', 'uric', 'Zu\u0308r']) {
      expect((await listCities(`?q=${encodeURIComponent(q)}`)).map(({ name }) => name)).toEqual(['Zürich']);
    }
    expect((await listCities('?q=kobenhavn')).map(({ name }) => name)).toEqual(['København']);
  });

  it('can be filtered by country in any letter case, and by country and name together', async () => {
    expect((await listCities('?country=us')).map(({ name }) => name)).toEqual(['New York']);
    expect(await listCities('?country=US&q=berlin')).toEqual([]);
  });

  it('treat SQL wildcards in a search as ordinary characters', async () => {
    for (const q of ['%', '_', '\\', "'"]) expect(await listCities(`?q=${encodeURIComponent(q)}`)).toEqual([]);
  });

  it('have the same order page by page as in one page, each city once', async () => {
    const all = await listCities();
    expect(all).toHaveLength(12);
    expect(await readAll<City>('/v1/cities', endpoints.listCities.answer, 5)).toEqual(all);
    expect(await readAll<City>('/v1/cities', endpoints.listCities.answer, 1)).toEqual(all);
    expect(new Set(all.map(({ cityId }) => cityId)).size).toBe(12);
  });
});

describe('cinemas and movies', () => {
  it('are the same in a list and when read one by one', async () => {
    const { cityId } = await findCity('Tokyo');
    const cinemas = await listCinemas(cityId, 2);
    expect(cinemas).toHaveLength(5);
    const [cinema] = cinemas;
    expect(cinema).toMatchObject({ cityId, timeZone: 'Asia/Tokyo' });
    expect(await read(`/v1/cinemas/${cinema!.cinemaId}`, endpoints.getCinema.answer)).toEqual(cinema);

    const [movie] = await listMovies(cityId);
    expect(await read(`/v1/movies/${movie!.movieId}`, endpoints.getMovie.answer)).toEqual(movie);
  });

  it('list a movie in a city on a day exactly when it has a show there on that local day', async () => {
    const { cityId, timeZone } = await findCity('Sydney');
    const date = localDayFromNow(2, timeZone);
    const listed = await listMovies(cityId, `?date=${date}`, 7);
    const playing = new Map<number, string>();
    for (const { cinemaId } of await listCinemas(cityId)) {
      for (const { movie } of await listShowtimesOfCinema(cinemaId, `?date=${date}`))
        playing.set(movie.movieId, movie.title);
    }
    expect(new Set(listed.map(({ movieId }) => movieId))).toEqual(new Set(playing.keys()));
    expect(listed).toHaveLength(playing.size);
  });

  it('list nothing on a day without shows, and reject days outside the calendar', async () => {
    const { cityId } = await findCity('Sydney');
    for (const date of ['1880-01-01', '1969-12-31', '2100-02-28', '2199-12-31']) {
      expect(await listMovies(cityId, `?date=${date}`)).toEqual([]);
    }
    for (const date of ['0001-01-01', '1879-12-31', '2200-01-01', '9999-12-31']) {
      expect((await get(`/v1/cities/${cityId}/movies?date=${date}`)).status).toBe(400);
    }
  });
});

describe('showtimes', () => {
  it('are the same shows by movie and by cinema', async () => {
    const { cityId, timeZone } = await findCity('Nairobi');
    const query = `date=${localDayFromNow(1, timeZone)}`;
    const cinemas = await listCinemas(cityId);
    const byCinema = await Promise.all(cinemas.map(({ cinemaId }) => listShowtimesOfCinema(cinemaId, `?${query}`, 3)));
    const movies = await listMovies(cityId, `?${query}`);
    const byMovie = await Promise.all(
      movies.map(({ movieId }) => listShowtimesOfMovie(movieId, `?cityId=${cityId}&${query}`, 2)),
    );
    expect(sortShowIds(byMovie.flat())).toEqual(sortShowIds(byCinema.flat()));
    expect(sortShowIds(byMovie.flat()).length).toBeGreaterThan(30);
  });

  it('of a date begin on that local day of the city', async () => {
    for (const name of ['Tokyo', 'New York', 'Mumbai']) {
      const { cityId, timeZone } = await findCity(name);
      const date = localDayFromNow(4, timeZone);
      const [cinema] = await listCinemas(cityId);
      const groups = await listShowtimesOfCinema(cinema!.cinemaId, `?date=${date}`);
      const days = groups.flatMap(({ shows }) => shows.map(({ startsAt }) => formatLocalDay(startsAt, timeZone)));
      expect(new Set(days)).toEqual(new Set([date]));
    }
  });

  it('without a date are those of today and of the following thirteen days', async () => {
    const { cityId, timeZone } = await findCity('Cape Town');
    const [cinema] = await listCinemas(cityId);
    const all = await listShowtimesOfCinema(cinema!.cinemaId);
    const days = Array.from({ length: 14 }, (_, index) => localDayFromNow(index, timeZone));
    const daily = await Promise.all(days.map((date) => listShowtimesOfCinema(cinema!.cinemaId, `?date=${date}`)));
    expect(daily.every((groups) => groups.length > 0)).toBe(true);
    expect(sortShowIds(all)).toEqual(sortShowIds(daily.flat()));
  });

  it('are sorted by time and show the price of the cheapest tier', async () => {
    const { cityId } = await findCity('London');
    const [movie] = await listMovies(cityId);
    const groups = await listShowtimesOfMovie(movie!.movieId, `?cityId=${cityId}`);
    for (const { shows } of groups) {
      expect(shows.map(({ startsAt }) => startsAt)).toEqual(shows.map(({ startsAt }) => startsAt).toSorted());
    }
    const listed = groups[0]!.shows.at(-1)!;
    const { tiers } = await readShow(listed.showId);
    expect(listed.priceFrom).toEqual(tiers[0]!.price);
    expect(Math.min(...tiers.map(({ price }) => price.amount))).toBe(listed.priceFrom.amount);
  });
});

describe('a show', () => {
  it('has the same details on its own and in the showtimes', async () => {
    const listed = await findShowOnSale();
    const details = await readShow(listed.showId);
    expect(details).toMatchObject({
      startsAt: listed.startsAt,
      saleClosesAt: listed.startsAt,
      seatCount: listed.seatCount,
      saleStatus: 'open',
      calledOff: false,
      waitingRoom: false,
      counts: { free: listed.seatCount, held: 0, sold: 0, blocked: 0 },
      cinema: { cinemaId: listed.cinemaId },
      movie: { movieId: listed.movieId },
      hall: { name: listed.hallName },
    });
  });

  it('has a price for exactly the tiers of its layout', async () => {
    const { showId } = await findShowOnSale();
    const { tiers, hall, seatCount } = await readShow(showId);
    const layout = await read<Layout>(`/v1/shows/${showId}/layout`, endpoints.getLayout.answer);
    expect(layout).toMatchObject({ layoutId: hall.layoutId, seatCount });
    expect(layout.seats).toHaveLength(seatCount);
    expect(tiers.map(({ tier }) => tier).toSorted()).toEqual(
      [...new Set(layout.seats.map(({ tier }) => tier))].toSorted(),
    );
  });

  it('has the seat counts of the ledger, and a sale status that follows them', async () => {
    const { showId, seatCount, startsAt, cinemaId } = await findShowOnSale();
    const { cinema } = await readShow(showId);
    const readListing = async () => {
      const groups = await listShowtimesOfCinema(cinemaId, `?date=${formatLocalDay(startsAt, cinema.timeZone)}`);
      return groups.flatMap(({ shows }) => shows).find((other) => other.showId === showId);
    };
    for (const [free, saleStatus] of [
      [seatCount - 20, 'open'],
      [3, 'few'],
      [0, 'full'],
    ] as const) {
      const held = seatCount - free - 5;
      await app.pool.query(
        `insert into show_ledger (show_id, free, held, sold, blocked) values ($1, $2, $3, 4, 1)
         on conflict (show_id) do update set free = excluded.free, held = excluded.held`,
        [showId, free, held],
      );
      expect(await readShow(showId)).toMatchObject({ counts: { free, held, sold: 4, blocked: 1 }, saleStatus });
      expect(await readListing()).toMatchObject({ free, saleStatus });
    }
    await app.pool.query('delete from show_ledger where show_id = $1', [showId]);
  });

  it('is upcoming before its sale, and closed after its sale or once it is called off', async () => {
    const { showId, cinemaId } = await findShowOnSale();
    const setColumn = (column: string, value: string) =>
      app.pool.query(`update show set ${column} = ${value} where id = $1`, [showId]);

    await setColumn('sale_opens_at', "now() + interval '1 hour'");
    expect((await readShow(showId)).saleStatus).toBe('upcoming');
    await setColumn('sale_opens_at', 'null');
    await setColumn('sale_closes_at', "now() - interval '1 second'");
    expect((await readShow(showId)).saleStatus).toBe('closed');
    await setColumn('sale_closes_at', 'starts_at');
    expect((await readShow(showId)).saleStatus).toBe('open');
    await setColumn('called_off_at', 'now()');
    expect(await readShow(showId)).toMatchObject({ saleStatus: 'closed', calledOff: true });
    const lines = (await listShowtimesOfCinema(cinemaId)).flatMap(({ shows }) => shows);
    expect(lines.find((line) => line.showId === showId)).toMatchObject({ saleStatus: 'closed' });
    await setColumn('called_off_at', 'null');
  });

  it('keeps the layout it was planned with when its hall gets another', async () => {
    const { showId } = await findShowOnSale();
    const { hall } = await readShow(showId);
    await app.pool.query('update hall set layout_id = (select max(id) from layout where id <> $2) where id = $1', [
      hall.hallId,
      hall.layoutId,
    ]);
    expect((await readShow(showId)).hall.layoutId).toBe(hall.layoutId);
    await app.pool.query('update hall set layout_id = $2 where id = $1', [hall.hallId, hall.layoutId]);
  });
});

describe('a rejected catalog request', () => {
  const missingId = '999999999999999';

  it.each([
    [`/v1/cities/${missingId}/cinemas`, 'city'],
    [`/v1/cities/${missingId}/movies`, 'city'],
    [`/v1/movies/${missingId}`, 'movie'],
    [`/v1/movies/${missingId}/showtimes?cityId=1`, 'movie'],
    [`/v1/movies/1/showtimes?cityId=${missingId}`, 'city'],
    [`/v1/cinemas/${missingId}`, 'cinema'],
    [`/v1/cinemas/${missingId}/showtimes`, 'cinema'],
    [`/v1/shows/${missingId}`, 'show'],
    [`/v1/shows/${missingId}/layout`, 'show'],
  ])('answers NOT_FOUND for %s, which caches must not keep', async (path, what) => {
    const { status, headers, body } = await get(path);
    expect({ status, ...JSON.parse(body) }).toMatchObject({ status: 404, code: 'NOT_FOUND', what });
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(headers['cache-control'] ?? '').not.toMatch(/max-age=[1-9]/);
  });

  const invalidQueries = [
    ['/v1/cities?limit=0', 'limit'],
    ['/v1/cities?limit=101', 'limit'],
    ['/v1/cities?limit=1.5', 'limit'],
    ['/v1/cities?limit=many', 'limit'],
    ['/v1/cities?limit=1&limit=2', 'limit'],
    ['/v1/cities?country=DEU', 'country'],
    ['/v1/cities?q=%00', 'q'],
    [`/v1/cities?q=${'x'.repeat(101)}`, 'q'],
    ['/v1/cities?cursor=', 'cursor'],
    ['/v1/cities?cursor=nonsense', 'cursor'],
    [`/v1/cities?cursor=${'A'.repeat(513)}`, 'cursor'],
    ['/v1/cities/0/cinemas', 'cityId'],
    ['/v1/cities/-1/movies', 'cityId'],
    ['/v1/cities/1e3/movies', 'cityId'],
    ['/v1/cities/1/movies?date=tomorrow', 'date'],
    ['/v1/cities/1/movies?date=2026-02-30', 'date'],
    ['/v1/movies/1/showtimes', 'cityId'],
    ['/v1/movies/one', 'movieId'],
    ['/v1/cinemas/1/showtimes?date=2026-1-1', 'date'],
    ['/v1/shows/%31%30%30%30%30%30%30%30%30%30%30%30%30%30%30%30', 'showId'],
    ['/v1/shows/1.5/layout', 'showId'],
  ] as const;

  it.each(invalidQueries)('answers INVALID_REQUEST for %s and names %s', async (path, field) => {
    const { status, body } = await get(path);
    const refusal = JSON.parse(body) as { code: string; issues: { path: string }[] };
    expect({ status, code: refusal.code }).toEqual({ status: 400, code: 'INVALID_REQUEST' });
    expect(refusal.issues.map((issue) => issue.path)).toContain(field);
  });

  it('is not caused by unknown query fields, even in bracket notation', async () => {
    expect((await get('/v1/cities?q[$ne]=x&__proto__[q]=x&nonsense=1')).body).toBe((await get('/v1/cities')).body);
  });

  it('answers INVALID_REQUEST for the cursor of another list or filter', async () => {
    const [{ cityId }, other] = [await findCity('Berlin'), await findCity('London')];
    const { nextCursor } = await read<Page<Cinema>>(
      `/v1/cities/${cityId}/cinemas?limit=1`,
      endpoints.listCinemasOfCity.answer,
    );
    expect((await get(`/v1/cities/${cityId}/cinemas?limit=3&cursor=${nextCursor}`)).status).toBe(200);
    for (const path of [`/v1/cities/${other.cityId}/cinemas`, `/v1/cities/${cityId}/movies`, '/v1/cities']) {
      const { status, body } = await get(`${path}?cursor=${nextCursor}`);
      expect({ status, ...JSON.parse(body) }).toMatchObject({ status: 400, issues: [{ path: 'cursor' }] });
    }
  });
});

describe('caching', () => {
  it.each([
    ['/v1/cities', 'public, max-age=60'],
    ['/v1/cities/1/cinemas', 'public, max-age=60'],
    ['/v1/cities/1/movies', 'public, max-age=60'],
    ['/v1/movies/1', 'public, max-age=60'],
    ['/v1/cinemas/1', 'public, max-age=60'],
    ['/v1/movies/1/showtimes?cityId=1', 'public, max-age=5'],
    ['/v1/cinemas/1/showtimes', 'public, max-age=5'],
    ['/v1/shows/1', 'no-cache'],
    ['/v1/shows/1/layout', 'public, max-age=31536000, immutable'],
  ])('serves %s with "%s" and answers 304 when its ETag still matches', async (path, cacheControl) => {
    const first = await get(path);
    expect(first).toMatchObject({ status: 200, headers: { 'cache-control': cacheControl } });
    const again = await get(path, { 'if-none-match': first.headers.etag ?? '' });
    expect(again).toMatchObject({ status: 304, body: '', headers: { 'cache-control': cacheControl } });
    expect((await get(path, { 'if-none-match': '"another"' })).body).toBe(first.body);
  });
});

describe('compression', () => {
  const decompress = { gzip: gunzipSync, br: brotliDecompressSync };

  it.each(['gzip', 'br'] as const)(
    'sends layouts, documents and scripts as %s to a client that accepts it',
    async (encoding) => {
      const [script] = /\/assets\/[^"]+\.js/.exec((await get('/')).body)!;
      for (const path of ['/v1/shows/1/layout', '/openapi.json', script]) {
        const plain = await get(path);
        expect(plain.headers).not.toHaveProperty('content-encoding');
        const compressed = await get(path, { 'accept-encoding': encoding });
        expect(compressed.headers).toMatchObject({
          'content-encoding': encoding,
          vary: expect.stringContaining('Accept-Encoding'),
        });
        expect(compressed.bytes.length).toBeLessThan(plain.bytes.length / 2.5);
        expect(decompress[encoding](compressed.bytes).toString()).toBe(plain.body);
        const conditional = await get(path, { 'accept-encoding': encoding, 'if-none-match': compressed.headers.etag! });
        expect(conditional).toMatchObject({ status: 304, body: '' });
      }
    },
  );

  it('leaves answers of less than 1 kB uncompressed', async () => {
    const { headers } = await get('/v1/shows/1/seats', { 'accept-encoding': 'gzip' });
    expect(headers).not.toHaveProperty('content-encoding');
  });
});
