import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FoundMovie, FoundMovies, SearchSort } from '@usher/contract';
import type pg from 'pg';
import { MovieTallyService } from '../../../src/catalog/search/movie-tally.service.js';
import { startApp, type TestApp } from '../../support/app.js';
import { CatalogWriter } from '../../support/catalog.js';
import { testPool } from '../../support/database.js';

let app: TestApp;
let pool: pg.Pool;
let catalog: CatalogWriter;
let halls: number[];
let movies: number[];

const movieCount = 23;
const sorts: readonly SearchSort[] = ['relevance', 'startsAt', 'distance', 'title', 'popularity'];
const berlin = 'lat=52.52&lon=13.4&radiusKm=400';

beforeAll(async () => {
  app = await startApp({ demo: false });
  pool = testPool(app.databaseUrl, 4);
  catalog = new CatalogWriter(pool);
  const cityId = await catalog.city('Berlin');
  halls = [];
  for (let ring = 0; ring < 8; ring++) {
    halls.push(await catalog.hall(await catalog.cinema(cityId, { lat: 52.52 + ring * 0.1, name: `Rex ${ring}` })));
  }
  movies = [];
  for (let n = 0; n < movieCount; n++) {
    // Names fall while times rise, so that no sort is another's by chance; two share a title, a time and a cinema each.
    const title = `Movie ${String.fromCharCode(90 - (n >> 1))}`;
    movies.push(await catalog.movie({ title, genres: ['Drama'] }));
    await catalog.show(movies[n]!, halls[(n * 5) % 8]!, 100 + (n >> 1) * 3);
  }
});

afterAll(async () => {
  await pool.end();
  await app.close();
});

async function page(query: string): Promise<FoundMovies> {
  const answer = await fetch(`${app.url}/v1/movies/search?${query}`);
  const body = (await answer.json()) as FoundMovies;
  expect({ query, status: answer.status, body }).toMatchObject({ status: 200 });
  return body;
}

/** Every page of a search; `between` runs before each but the first. */
async function readAll(query: string, limit: number, between = async () => {}): Promise<FoundMovie[]> {
  const items: FoundMovie[] = [];
  let next: string | null = '';
  do {
    if (next !== '') await between();
    const read: FoundMovies = await page(`${query}&limit=${limit}${next === '' ? '' : `&cursor=${next}`}`);
    expect(read.items.length).toBeLessThanOrEqual(limit);
    items.push(...read.items);
    next = read.nextCursor;
  } while (next !== null);
  return items;
}

const ids = (items: readonly FoundMovie[]): number[] => items.map(({ movie }) => movie.movieId);
const scopes = ['', 'keyword=movie&', 'city=Berlin&', 'keyword=drama&city=Berlin&', `${berlin}&`];
const cases = scopes.flatMap((scope) => sorts.map((sort) => [scope, sort] as const));
const allowed = cases.filter(([scope, sort]) => sort !== 'distance' || scope.startsWith('lat'));

describe('pages', () => {
  it.each(allowed)('of %ssort=%s are together what one page is, each movie once', async (scope, sort) => {
    const whole = ids((await page(`${scope}sort=${sort}&limit=100`)).items);
    expect(whole.toSorted((a, b) => a - b)).toEqual(movies);
    for (const limit of [1, 4, 7]) expect(ids(await readAll(`${scope}sort=${sort}`, limit))).toEqual(whole);
  });

  it('are sorted as they say', async () => {
    const items = async (sort: SearchSort) => (await page(`${berlin}&sort=${sort}&limit=100`)).items;
    const rising = (values: readonly (string | number | null)[]) =>
      values.every((value, index) => index === 0 || value! >= values[index - 1]!);
    expect(rising((await items('title')).map(({ movie }) => movie.title))).toBe(true);
    expect(rising((await items('startsAt')).map(({ nextShowAt }) => nextShowAt))).toBe(true);
    expect(rising((await items('distance')).map(({ distanceKm }) => distanceKm))).toBe(true);
  });

  it('belong to their query', async () => {
    const { nextCursor } = await page('sort=title&limit=3');
    expect((await page(`sort=title&limit=9&cursor=${nextCursor}`)).items).toHaveLength(9);
    const others = ['sort=startsAt', 'sort=title&keyword=m', 'sort=title&city=Berlin', 'sort=title&spellcheck=false'];
    for (const other of others) {
      const answer = await fetch(`${app.url}/v1/movies/search?${other}&cursor=${nextCursor}`);
      expect(await answer.json()).toMatchObject({ code: 'INVALID_REQUEST', issues: [{ path: 'cursor' }] });
    }
    const list = await fetch(`${app.url}/v1/cities?cursor=${nextCursor}`);
    expect(await list.json()).toMatchObject({ code: 'INVALID_REQUEST', issues: [{ path: 'cursor' }] });
  });

  it('refuse a cursor that was tampered with', async () => {
    const { nextCursor } = await page('sort=title&limit=3');
    const fields = JSON.parse(Buffer.from(nextCursor!, 'base64url').toString()) as unknown[];
    const forgeries = [
      [4, '1000:3:2,1'],
      [4, '1000:3:5'],
      [4, 'x'],
      [3, 9e15],
      [2, 'x'],
      [1, -1],
    ] as const;
    for (const [field, value] of forgeries) {
      const forged = fields.with(field, value);
      const cursor = Buffer.from(JSON.stringify(forged)).toString('base64url');
      const answer = await fetch(`${app.url}/v1/movies/search?sort=title&cursor=${cursor}`);
      expect({ forged, body: await answer.json() }).toMatchObject({ body: { code: 'INVALID_REQUEST' } });
    }
  });

  it('keep what a misspelt keyword was read as', async () => {
    const first = await page('keyword=moive&limit=2');
    expect(first).toMatchObject({ didYouMean: 'movie', items: { length: 2 } });
    const second = await page(`keyword=moive&limit=2&cursor=${first.nextCursor}`);
    expect(second).toMatchObject({ didYouMean: 'movie', items: { length: 2 } });
    expect(ids(first.items)).not.toEqual(ids(second.items));
  });

  it.each([allowed])('lose no movie and show none twice while shows are added', async (...chosen) => {
    for (const [scope, sort] of chosen) {
      const query = `${scope}sort=${sort}`;
      const whole = ids((await page(`${query}&limit=100`)).items);
      // Before the first page a show of the last movie is under way that would put it first, and it is committed after it.
      const late = await pool.connect();
      const added: number[] = [];
      try {
        await late.query('begin');
        added.push(await new CatalogWriter(late).show(whole.at(-1)!, halls[0]!, 1));
        let turn = 0;
        const read = await readAll(query, 4, async () => {
          if (turn === 0) await late.query('commit');
          const movie = whole[(7 + turn * 6) % whole.length]!;
          added.push(await catalog.show(movie, halls[0]!, 2 + turn * 0.1));
          turn++;
        });
        expect({ query, read: ids(read) }).toEqual({ query, read: whole });
      } finally {
        late.release();
        await pool.query('delete from show where id = any ($1)', [added]);
      }
    }
  });

  it('stay in their order when popularity is counted anew between them', async () => {
    const tally = new MovieTallyService(pool);
    const taken = async (movieId: number, seats: number) => {
      await pool.query(
        `insert into show_ledger (show_id, free, sold) select id, 10 - $2::int, $2 from show where movie_id = $1
         on conflict (show_id) do update set sold = excluded.sold`,
        [movieId, seats],
      );
    };
    await taken(movies[9]!, 4);
    await taken(movies[4]!, 2);
    await tally.count();
    for (const query of ['sort=popularity', 'keyword=movie&sort=relevance', 'city=Berlin&sort=popularity']) {
      const whole = ids((await page(`${query}&limit=100`)).items);
      expect(whole[0]).toBe(movies[9]);
      let turn = 0;
      const read = await readAll(query, 6, async () => {
        if (turn++ > 0) return;
        await taken(movies[9]!, 0);
        await taken(whole.at(-1)!, 9);
        await tally.count();
      });
      expect({ query, read: ids(read) }).toEqual({ query, read: whole });
      expect((await page(`${query}&limit=1`)).items[0]?.movie.movieId).toBe(whole.at(-1));
      await taken(whole.at(-1)!, 0);
      await taken(movies[9]!, 4);
      await tally.count();
    }
  });
});
