import { beforeAll, describe, expect, it } from '@jest/globals';
import { type FoundMovie, FoundMovies, type SearchSort } from '@usher/contract';
import { z } from 'zod';
import { MovieTallyService } from '../../../src/catalog/search/movie-tally.service.js';
import { parseEncodedJson, validate } from '../../support/contract-shapes.js';
import { manyCalls, setUpApp } from '../../support/file-app.js';
import { CatalogWriter } from '../../support/catalog.js';

const app = setUpApp({ env: manyCalls });
let catalog: CatalogWriter;
let halls: number[];
let movies: number[];

const movieCount = 23;
const sorts: readonly SearchSort[] = ['relevance', 'startsAt', 'distance', 'title', 'popularity'];
const berlin = 'lat=52.52&lon=13.4&radiusKm=400';

beforeAll(async () => {
  catalog = new CatalogWriter(app.pool);
  const cityId = await catalog.city('Berlin');
  halls = [];
  for (let ring = 0; ring < 8; ring++) {
    halls.push(await catalog.hall(await catalog.cinema(cityId, { lat: 52.52 + ring * 0.1, name: `Rex ${ring}` })));
  }
  movies = [];
  for (let n = 0; n < movieCount; n++) {
    // Titles descend while times ascend, so that no two sort orders agree by chance. Movies come in pairs with the same
    // title and start time. Several movies share each cinema.
    const title = `Movie ${String.fromCharCode(90 - (n >> 1))}`;
    movies.push(await catalog.movie({ title, genres: ['Drama'] }));
    await catalog.show(movies[n]!, halls[(n * 5) % 8]!, 100 + (n >> 1) * 3);
  }
});

async function readPage(query: string): Promise<FoundMovies> {
  const answer = await fetch(`${app.url}/v1/movies/search?${query}`);
  const body: unknown = await answer.json();
  expect({ query, status: answer.status, body }).toMatchObject({ status: 200 });
  return validate(FoundMovies, body);
}

/** Reads every page of a search. Runs `between` before each page except the first. */
async function readAll(query: string, limit: number, between = async () => {}): Promise<FoundMovie[]> {
  const items: FoundMovie[] = [];
  let next: string | null = '';
  do {
    if (next !== '') await between();
    const read: FoundMovies = await readPage(`${query}&limit=${limit}${next === '' ? '' : `&cursor=${next}`}`);
    expect(read.items.length).toBeLessThanOrEqual(limit);
    items.push(...read.items);
    next = read.nextCursor;
  } while (next !== null);
  return items;
}

const readMovieIds = (items: readonly FoundMovie[]): number[] => items.map(({ movie }) => movie.movieId);
const scopes = ['', 'keyword=movie&', 'city=Berlin&', 'keyword=drama&city=Berlin&', `${berlin}&`];
const cases = scopes.flatMap((scope) => sorts.map((sort) => [scope, sort] as const));
const allowedSorts = cases.filter(([scope, sort]) => sort !== 'distance' || scope.startsWith('lat'));

describe('the pages of a search', () => {
  it.each(allowedSorts)(
    'with %ssort=%s together contain the same movies as one large page, each once',
    async (scope, sort) => {
      const expectedIds = readMovieIds((await readPage(`${scope}sort=${sort}&limit=100`)).items);
      expect(expectedIds.toSorted((a, b) => a - b)).toEqual(movies);
      for (const limit of [1, 4, 7])
        expect(readMovieIds(await readAll(`${scope}sort=${sort}`, limit))).toEqual(expectedIds);
    },
  );

  it('are sorted as requested', async () => {
    const readSorted = async (sort: SearchSort) => (await readPage(`${berlin}&sort=${sort}&limit=100`)).items;
    const isAscending = (values: readonly (string | number | null)[]) =>
      values.every((value, index) => index === 0 || value! >= values[index - 1]!);
    expect(isAscending((await readSorted('title')).map(({ movie }) => movie.title))).toBe(true);
    expect(isAscending((await readSorted('startsAt')).map(({ nextShowAt }) => nextShowAt))).toBe(true);
    expect(isAscending((await readSorted('distance')).map(({ distanceKm }) => distanceKm))).toBe(true);
  });

  it('reject the cursor of another query', async () => {
    const { nextCursor } = await readPage('sort=title&limit=3');
    expect((await readPage(`sort=title&limit=9&cursor=${nextCursor}`)).items).toHaveLength(9);
    const otherQueries = [
      'sort=startsAt',
      'sort=title&keyword=m',
      'sort=title&city=Berlin',
      'sort=title&spellcheck=false',
    ];
    for (const otherQuery of otherQueries) {
      const answer = await fetch(`${app.url}/v1/movies/search?${otherQuery}&cursor=${nextCursor}`);
      expect(await answer.json()).toMatchObject({ code: 'INVALID_REQUEST', issues: [{ path: 'cursor' }] });
    }
    const cityList = await fetch(`${app.url}/v1/cities?cursor=${nextCursor}`);
    expect(await cityList.json()).toMatchObject({ code: 'INVALID_REQUEST', issues: [{ path: 'cursor' }] });
  });

  it('reject a cursor that was tampered with', async () => {
    const { nextCursor } = await readPage('sort=title&limit=3');
    const fields = parseEncodedJson(z.array(z.unknown()), nextCursor!);
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

  it('keep the correction of a misspelt keyword', async () => {
    const first = await readPage('keyword=moive&limit=2');
    expect(first).toMatchObject({ didYouMean: 'movie', items: { length: 2 } });
    const second = await readPage(`keyword=moive&limit=2&cursor=${first.nextCursor}`);
    expect(second).toMatchObject({ didYouMean: 'movie', items: { length: 2 } });
    expect(readMovieIds(first.items)).not.toEqual(readMovieIds(second.items));
  });

  it.each([allowedSorts])('lose no movie and repeat none while shows are added', async (...searches) => {
    for (const [scope, sort] of searches) {
      const query = `${scope}sort=${sort}`;
      const expectedIds = readMovieIds((await readPage(`${query}&limit=100`)).items);
      // A transaction adds a show that would move the last movie to the top. The transaction begins before the first
      // page is read and commits afterwards.
      const openTransaction = await app.pool.connect();
      const added: number[] = [];
      try {
        await openTransaction.query('begin');
        added.push(await new CatalogWriter(openTransaction).show(expectedIds.at(-1)!, halls[0]!, 1));
        let turn = 0;
        const read = await readAll(query, 4, async () => {
          if (turn === 0) await openTransaction.query('commit');
          const movie = expectedIds[(7 + turn * 6) % expectedIds.length]!;
          added.push(await catalog.show(movie, halls[0]!, 2 + turn * 0.1));
          turn++;
        });
        expect({ query, read: readMovieIds(read) }).toEqual({ query, read: expectedIds });
      } finally {
        openTransaction.release();
        await app.pool.query('delete from show where id = any ($1)', [added]);
      }
    }
  });

  it('keep their order even if popularity is recounted after the first page', async () => {
    const tally = new MovieTallyService(app.pool);
    const sellSeats = async (movieId: number, seats: number) => {
      await app.pool.query(
        `insert into show_ledger (show_id, free, sold) select id, 10 - $2::int, $2 from show where movie_id = $1
         on conflict (show_id) do update set sold = excluded.sold`,
        [movieId, seats],
      );
    };
    await sellSeats(movies[9]!, 4);
    await sellSeats(movies[4]!, 2);
    await tally.count();
    for (const query of ['sort=popularity', 'keyword=movie&sort=relevance', 'city=Berlin&sort=popularity']) {
      const expectedIds = readMovieIds((await readPage(`${query}&limit=100`)).items);
      expect(expectedIds[0]).toBe(movies[9]);
      let turn = 0;
      const read = await readAll(query, 6, async () => {
        if (turn++ > 0) return;
        await sellSeats(movies[9]!, 0);
        await sellSeats(expectedIds.at(-1)!, 9);
        await tally.count();
      });
      expect({ query, read: readMovieIds(read) }).toEqual({ query, read: expectedIds });
      expect((await readPage(`${query}&limit=1`)).items[0]?.movie.movieId).toBe(expectedIds.at(-1));
      await sellSeats(expectedIds.at(-1)!, 0);
      await sellSeats(movies[9]!, 4);
      await tally.count();
    }
  });
});
