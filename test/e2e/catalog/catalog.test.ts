import { get as httpGet, type IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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
import type pg from 'pg';
import type { z } from 'zod';
import { testPool } from '../../support/database.js';
import { startApp, type TestApp } from '../../support/app.js';

let app: TestApp;
let database: pg.Pool;

beforeAll(async () => {
  app = await startApp();
  database = testPool(app.databaseUrl, 2);
});

afterAll(async () => {
  await database.end();
  await app.close();
});

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  /** As they came, compressed or not. */
  bytes: Buffer;
}

/** By `node:http` and not `fetch`, which adds `Cache-Control: no-cache` to a conditional request and so is never told 304. */
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

/** The answer's body, which must be exactly what the contract says: no field wrong, none missing, none too many. */
async function read<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const { status, body } = await get(path);
  expect({ path, status }).toEqual({ path, status: 200 });
  const value = JSON.parse(body) as unknown;
  const parsed = schema.parse(value);
  expect(value).toEqual(parsed);
  return parsed;
}

/** All items of a list, read page by page. */
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

const cities = (query = '') => readAll<City>(`/v1/cities${query}`, endpoints.listCities.answer);
const cinemasOf = (cityId: number, limit?: number) =>
  readAll<Cinema>(`/v1/cities/${cityId}/cinemas`, endpoints.listCinemasOfCity.answer, limit);
const moviesOf = (cityId: number, query = '', limit?: number) =>
  readAll<Movie>(`/v1/cities/${cityId}/movies${query}`, endpoints.listMoviesOfCity.answer, limit);
const showtimesOfMovie = (movieId: number, query: string, limit?: number) =>
  readAll<CinemaShowtimes>(`/v1/movies/${movieId}/showtimes${query}`, endpoints.listShowtimesOfMovie.answer, limit);
const showtimesOfCinema = (cinemaId: number, query = '', limit?: number) =>
  readAll<MovieShowtimes>(`/v1/cinemas/${cinemaId}/showtimes${query}`, endpoints.listShowtimesOfCinema.answer, limit);
const show = (showId: number) => read<Show>(`/v1/shows/${showId}`, endpoints.getShow.answer);

async function city(name: string): Promise<City> {
  const [found] = await cities(`?q=${encodeURIComponent(name)}`);
  if (!found) throw new Error(`no city ${name}`);
  return found;
}

const localDay = (instant: string, timeZone: string) =>
  new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(new Date(instant));

/** The calendar day so many days from now in a zone. */
const dayFromNow = (days: number, timeZone: string) =>
  localDay(new Date(Date.now() + days * 86_400_000).toISOString(), timeZone);

/** A show of the demo that begins some days from now, so that its sale is open while the test runs. */
async function openShow(): Promise<Showtime & { cinemaId: number; movieId: number }> {
  const { cityId, timeZone } = await city('Berlin');
  const [cinema] = await cinemasOf(cityId);
  const [first] = await showtimesOfCinema(cinema!.cinemaId, `?date=${dayFromNow(3, timeZone)}`);
  return { ...first!.shows[0]!, cinemaId: cinema!.cinemaId, movieId: first!.movie.movieId };
}

const ids = (shows: { shows: Showtime[] }[]) =>
  shows.flatMap((group) => group.shows.map(({ showId }) => showId)).toSorted((a, b) => a - b);

describe('cities', () => {
  it('are found however their accents and capitals are typed, from any part of the name', async () => {
    for (const q of ['zürich', 'ZURICH', 'uric', 'Zu\u0308r']) {
      expect((await cities(`?q=${encodeURIComponent(q)}`)).map(({ name }) => name)).toEqual(['Zürich']);
    }
    expect((await cities('?q=kobenhavn')).map(({ name }) => name)).toEqual(['København']);
  });

  it('are filtered by country in any case, and by both', async () => {
    expect((await cities('?country=us')).map(({ name }) => name)).toEqual(['New York']);
    expect(await cities('?country=US&q=berlin')).toEqual([]);
  });

  it('take wildcards of SQL for what they are: characters that no name has', async () => {
    for (const q of ['%', '_', '\\', "'"]) expect(await cities(`?q=${encodeURIComponent(q)}`)).toEqual([]);
  });

  it('come page by page, each once and in the same order as all at once', async () => {
    const all = await cities();
    expect(all).toHaveLength(12);
    expect(await readAll<City>('/v1/cities', endpoints.listCities.answer, 5)).toEqual(all);
    expect(await readAll<City>('/v1/cities', endpoints.listCities.answer, 1)).toEqual(all);
    expect(new Set(all.map(({ cityId }) => cityId)).size).toBe(12);
  });
});

describe('cinemas and movies', () => {
  it('are read one by one as their lists say', async () => {
    const { cityId } = await city('Tokyo');
    const cinemas = await cinemasOf(cityId, 2);
    expect(cinemas).toHaveLength(5);
    const [cinema] = cinemas;
    expect(cinema).toMatchObject({ cityId, timeZone: 'Asia/Tokyo' });
    expect(await read(`/v1/cinemas/${cinema!.cinemaId}`, endpoints.getCinema.answer)).toEqual(cinema);

    const [movie] = await moviesOf(cityId);
    expect(await read(`/v1/movies/${movie!.movieId}`, endpoints.getMovie.answer)).toEqual(movie);
  });

  it('list a movie in a city exactly when it has a show there, on that day of the city', async () => {
    const { cityId, timeZone } = await city('Sydney');
    const date = dayFromNow(2, timeZone);
    const listed = await moviesOf(cityId, `?date=${date}`, 7);
    const playing = new Map<number, string>();
    for (const { cinemaId } of await cinemasOf(cityId)) {
      for (const { movie } of await showtimesOfCinema(cinemaId, `?date=${date}`))
        playing.set(movie.movieId, movie.title);
    }
    expect(new Set(listed.map(({ movieId }) => movieId))).toEqual(new Set(playing.keys()));
    expect(listed).toHaveLength(playing.size);
  });

  it('list nothing on days without shows, at whichever end of the calendar', async () => {
    const { cityId } = await city('Sydney');
    for (const date of ['1880-01-01', '1969-12-31', '2100-02-28', '2199-12-31']) {
      expect(await moviesOf(cityId, `?date=${date}`)).toEqual([]);
    }
    for (const date of ['0001-01-01', '1879-12-31', '2200-01-01', '9999-12-31']) {
      expect((await get(`/v1/cities/${cityId}/movies?date=${date}`)).status).toBe(400);
    }
  });
});

describe('showtimes', () => {
  it('of a movie and of a cinema are the same shows', async () => {
    const { cityId, timeZone } = await city('Nairobi');
    const query = `date=${dayFromNow(1, timeZone)}`;
    const cinemas = await cinemasOf(cityId);
    const byCinema = await Promise.all(cinemas.map(({ cinemaId }) => showtimesOfCinema(cinemaId, `?${query}`, 3)));
    const movies = await moviesOf(cityId, `?${query}`);
    const byMovie = await Promise.all(
      movies.map(({ movieId }) => showtimesOfMovie(movieId, `?cityId=${cityId}&${query}`, 2)),
    );
    expect(ids(byMovie.flat())).toEqual(ids(byCinema.flat()));
    expect(ids(byMovie.flat()).length).toBeGreaterThan(30);
  });

  it('of a date begin on that day on the wall clock of the city', async () => {
    for (const name of ['Tokyo', 'New York', 'Mumbai']) {
      const { cityId, timeZone } = await city(name);
      const date = dayFromNow(4, timeZone);
      const [cinema] = await cinemasOf(cityId);
      const groups = await showtimesOfCinema(cinema!.cinemaId, `?date=${date}`);
      const days = groups.flatMap(({ shows }) => shows.map(({ startsAt }) => localDay(startsAt, timeZone)));
      expect(new Set(days)).toEqual(new Set([date]));
    }
  });

  it('without a date are those of today and later, all fourteen days of them', async () => {
    const { cityId, timeZone } = await city('Cape Town');
    const [cinema] = await cinemasOf(cityId);
    const all = await showtimesOfCinema(cinema!.cinemaId);
    const days = Array.from({ length: 14 }, (_, index) => dayFromNow(index, timeZone));
    const daily = await Promise.all(days.map((date) => showtimesOfCinema(cinema!.cinemaId, `?date=${date}`)));
    expect(daily.every((groups) => groups.length > 0)).toBe(true);
    expect(ids(all)).toEqual(ids(daily.flat()));
  });

  it('stand in order of time, with the price of the cheapest tier', async () => {
    const { cityId } = await city('London');
    const [movie] = await moviesOf(cityId);
    const groups = await showtimesOfMovie(movie!.movieId, `?cityId=${cityId}`);
    for (const { shows } of groups) {
      expect(shows.map(({ startsAt }) => startsAt)).toEqual(shows.map(({ startsAt }) => startsAt).toSorted());
    }
    const listed = groups[0]!.shows.at(-1)!;
    const { tiers } = await show(listed.showId);
    expect(listed.priceFrom).toEqual(tiers[0]!.price);
    expect(Math.min(...tiers.map(({ price }) => price.amount))).toBe(listed.priceFrom.amount);
  });
});

describe('a show', () => {
  it('says what its line in the showtimes says', async () => {
    const line = await openShow();
    const page = await show(line.showId);
    expect(page).toMatchObject({
      startsAt: line.startsAt,
      saleClosesAt: line.startsAt,
      seatCount: line.seatCount,
      saleStatus: 'open',
      calledOff: false,
      waitingRoom: false,
      counts: { free: line.seatCount, held: 0, sold: 0, blocked: 0 },
      cinema: { cinemaId: line.cinemaId },
      movie: { movieId: line.movieId },
      hall: { name: line.hallName },
    });
  });

  it('prices exactly the tiers of its layout', async () => {
    const { showId } = await openShow();
    const { tiers, hall, seatCount } = await show(showId);
    const layout = await read<Layout>(`/v1/shows/${showId}/layout`, endpoints.getLayout.answer);
    expect(layout).toMatchObject({ layoutId: hall.layoutId, seatCount });
    expect(layout.seats).toHaveLength(seatCount);
    expect(tiers.map(({ tier }) => tier).toSorted()).toEqual(
      [...new Set(layout.seats.map(({ tier }) => tier))].toSorted(),
    );
  });

  it('counts its seats by the ledger, and its status follows', async () => {
    const { showId, seatCount, startsAt, cinemaId } = await openShow();
    const { cinema } = await show(showId);
    const line = async () => {
      const groups = await showtimesOfCinema(cinemaId, `?date=${localDay(startsAt, cinema.timeZone)}`);
      return groups.flatMap(({ shows }) => shows).find((other) => other.showId === showId);
    };
    for (const [free, saleStatus] of [
      [seatCount - 20, 'open'],
      [3, 'few'],
      [0, 'full'],
    ] as const) {
      const held = seatCount - free - 5;
      await database.query(
        `insert into show_ledger (show_id, free, held, sold, blocked) values ($1, $2, $3, 4, 1)
         on conflict (show_id) do update set free = excluded.free, held = excluded.held`,
        [showId, free, held],
      );
      expect(await show(showId)).toMatchObject({ counts: { free, held, sold: 4, blocked: 1 }, saleStatus });
      expect(await line()).toMatchObject({ free, saleStatus });
    }
    await database.query('delete from show_ledger where show_id = $1', [showId]);
  });

  it('is upcoming before its sale, closed after it and once called off', async () => {
    const { showId, cinemaId } = await openShow();
    const set = (column: string, value: string) =>
      database.query(`update show set ${column} = ${value} where id = $1`, [showId]);

    await set('sale_opens_at', "now() + interval '1 hour'");
    expect((await show(showId)).saleStatus).toBe('upcoming');
    await set('sale_opens_at', 'null');
    await set('sale_closes_at', "now() - interval '1 second'");
    expect((await show(showId)).saleStatus).toBe('closed');
    await set('sale_closes_at', 'starts_at');
    expect((await show(showId)).saleStatus).toBe('open');
    await set('called_off_at', 'now()');
    expect(await show(showId)).toMatchObject({ saleStatus: 'closed', calledOff: true });
    const lines = (await showtimesOfCinema(cinemaId)).flatMap(({ shows }) => shows);
    expect(lines.find((line) => line.showId === showId)).toMatchObject({ saleStatus: 'closed' });
    await set('called_off_at', 'null');
  });

  it('keeps the layout it was planned with when its hall gets another', async () => {
    const { showId } = await openShow();
    const { hall } = await show(showId);
    await database.query('update hall set layout_id = (select max(id) from layout where id <> $2) where id = $1', [
      hall.hallId,
      hall.layoutId,
    ]);
    expect((await show(showId)).hall.layoutId).toBe(hall.layoutId);
    await database.query('update hall set layout_id = $2 where id = $1', [hall.hallId, hall.layoutId]);
  });
});

describe('refusals', () => {
  const tooBig = '999999999999999';

  it.each([
    [`/v1/cities/${tooBig}/cinemas`, 'city'],
    [`/v1/cities/${tooBig}/movies`, 'city'],
    [`/v1/movies/${tooBig}`, 'movie'],
    [`/v1/movies/${tooBig}/showtimes?cityId=1`, 'movie'],
    [`/v1/movies/1/showtimes?cityId=${tooBig}`, 'city'],
    [`/v1/cinemas/${tooBig}`, 'cinema'],
    [`/v1/cinemas/${tooBig}/showtimes`, 'cinema'],
    [`/v1/shows/${tooBig}`, 'show'],
    [`/v1/shows/${tooBig}/layout`, 'show'],
  ])('%s is NOT_FOUND and not kept by caches', async (path, what) => {
    const { status, headers, body } = await get(path);
    expect({ status, ...JSON.parse(body) }).toMatchObject({ status: 404, code: 'NOT_FOUND', what });
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(headers['cache-control'] ?? '').not.toMatch(/max-age=[1-9]/);
  });

  it.each([
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
  ])('%s is INVALID_REQUEST and names %s', async (path, field) => {
    const { status, body } = await get(path);
    const refusal = JSON.parse(body) as { code: string; issues: { path: string }[] };
    expect({ status, code: refusal.code }).toEqual({ status: 400, code: 'INVALID_REQUEST' });
    expect(refusal.issues.map((issue) => issue.path)).toContain(field);
  });

  it('take a query in brackets for an unknown field, and leave unknown fields alone', async () => {
    expect((await get('/v1/cities?q[$ne]=x&__proto__[q]=x&nonsense=1')).body).toBe((await get('/v1/cities')).body);
  });

  it('refuse the cursor of another list or filter', async () => {
    const [{ cityId }, other] = [await city('Berlin'), await city('London')];
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
  ])('%s is kept (%s) and asked for again without its body', async (path, cacheControl) => {
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
    async (as) => {
      const [script] = /\/assets\/[^"]+\.js/.exec((await get('/')).body)!;
      for (const path of ['/v1/shows/1/layout', '/openapi.json', script]) {
        const plain = await get(path);
        expect(plain.headers).not.toHaveProperty('content-encoding');
        const small = await get(path, { 'accept-encoding': as });
        expect(small.headers).toMatchObject({
          'content-encoding': as,
          vary: expect.stringContaining('Accept-Encoding'),
        });
        expect(small.bytes.length).toBeLessThan(plain.bytes.length / 2.5);
        expect(decompress[as](small.bytes).toString()).toBe(plain.body);
        const known = await get(path, { 'accept-encoding': as, 'if-none-match': small.headers.etag! });
        expect(known).toMatchObject({ status: 304, body: '' });
      }
    },
  );

  it('leaves answers of less than 1 kB as they are', async () => {
    const { headers } = await get('/v1/shows/1/seats', { 'accept-encoding': 'gzip' });
    expect(headers).not.toHaveProperty('content-encoding');
  });
});
