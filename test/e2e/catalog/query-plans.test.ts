import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { SearchQuery } from '@usher/contract';
import type pg from 'pg';
import { generateCatalog } from '../../../src/catalog/generated/generate-catalog.js';
import { ListingsService } from '../../../src/catalog/listings.service.js';
import { MoviesRepository } from '../../../src/catalog/movies.repository.js';
import { PlacesRepository } from '../../../src/catalog/places.repository.js';
import { MovieTallyService } from '../../../src/catalog/search/movie-tally.service.js';
import { SearchRepository } from '../../../src/catalog/search/search.repository.js';
import { SearchService } from '../../../src/catalog/search/search.service.js';
import { ShowCatalogRepository } from '../../../src/catalog/show-catalog.repository.js';
import { DatabaseClock } from '../../../src/database/database-clock.js';
import { createTestDatabase, type TestDatabase, testPool } from '../../support/database.js';

/** A node of a plan, as `explain (format json)` has it. */
interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

let database: TestDatabase;
let pool: pg.Pool;
let postalCode: string;
let listings: ListingsService;
let searches: SearchService;
let shows: ShowCatalogRepository;

beforeAll(async () => {
  database = await createTestDatabase({ demo: false });
  pool = testPool(database.url, 2);
  const client = await pool.connect();
  const size = {
    country: 'US',
    cities: 500,
    cinemas: 3,
    halls: 2,
    movies: 1500,
    shows: 20_000,
    days: 14,
    seed: 'plans',
  };
  await generateCatalog(client, size, new Date(), () => undefined);
  await client.query('insert into show_ledger (show_id, free) select id, 5 from show');
  await client.query('vacuum (analyze) show_ledger');
  // As the embedded server has it, and as the README asks for it.
  await client.query(`alter database ${client.database} set random_page_cost = 1.1`);
  const { rows } = await client.query<{ postal_code: string }>('select postal_code from cinema where id = 9');
  postalCode = rows[0]!.postal_code;
  client.release(true);
  await new MovieTallyService(pool).count();
  await pool.query('vacuum (analyze) movie_tally');
  const clock = new DatabaseClock();
  listings = new ListingsService(new PlacesRepository(pool), new MoviesRepository(pool), clock);
  searches = new SearchService(new SearchRepository(pool), clock);
  shows = new ShowCatalogRepository(pool);
}, 120_000);

afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

/** Tables read from end to end by what a call asks a pool for, and how many rows of tables all of it touches. */
async function readBy(call: () => Promise<unknown>, asked = pool): Promise<{ scanned: string[]; rows: number }> {
  const spy = jest.spyOn(asked, 'query');
  await call();
  const statements = spy.mock.calls.map(([first, second]): [string, unknown[]] => {
    const { text, values } = first as unknown as { text: string; values?: unknown[] };
    return typeof first === 'string' ? [first, second as unknown[]] : [text, values ?? []];
  });
  spy.mockRestore();
  expect(statements.length).toBeGreaterThan(0);
  const nodes: PlanNode[] = [];
  for (const [text, values] of statements) {
    const { rows } = await asked.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `explain (analyze, format json) ${text}`,
      values,
    );
    nodes.push(...nodesOf(rows[0]!['QUERY PLAN'][0].Plan));
  }
  const reads = nodes.filter((node) => node['Relation Name'] !== undefined);
  const touched = (node: PlanNode) =>
    (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
  return {
    scanned: reads.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name']!),
    rows: reads.reduce((sum, node) => sum + touched(node), 0),
  };
}

const page = { limit: 20 };
const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
const search = (query: Record<string, string>) => () => searches.search(SearchQuery.parse(query));

// Of 500 cities, 1,500 cinemas, 1,500 movies and 20,000 shows; a city has 40 of them.
const reads: [name: string, call: () => Promise<unknown>, rowsMax: number][] = [
  ['cities', () => listings.cities({}, page), 30],
  ['one city', () => listings.city(5), 1],
  ['cinemas of a city', () => listings.cinemasOfCity(5, page), 30],
  ['movies of a city', () => listings.moviesOfCity(5, undefined, page), 500],
  ['movies of a city on a day', () => listings.moviesOfCity(5, tomorrow(), page), 250],
  ['showtimes of a movie', () => listings.showtimesOfMovie(1, 5, undefined, page), 700],
  ['showtimes of a cinema', () => listings.showtimesOfCinema(50, undefined, page), 150],
  ['showtimes of a cinema on a day', () => listings.showtimesOfCinema(50, tomorrow(), page), 50],
  ['a show', () => shows.show(77), 8],
  ['a search by title', search({ keyword: 'golden tiger' }), 500],
  ['a search by person, by title', search({ keyword: 'kowalski', sort: 'title' }), 4000],
  ['a search by a misspelt word', search({ keyword: 'goldne' }), 5000],
  ['a search in a city', search({ keyword: 'gol', city: '5' }), 500],
  ['everything in a city, soonest first', search({ city: 'chicago', sort: 'startsAt' }), 600],
  ['everything near, nearest first', search({ lat: '41.8', lon: '-87.6', radiusKm: '50', sort: 'distance' }), 4000],
  ['a postal code', () => search({ postalCode })(), 500],
  ['everything, the most popular first', search({}), 25_000],
  ['everything, by title', search({ sort: 'title' }), 5000],
  ['a day everywhere', search({ from: `${tomorrow()}T20:00:00Z`, to: `${tomorrow()}T23:00:00Z` }), 5000],
];

it.each(reads)('%s: no table is read from end to end', async (_, call, rowsMax) => {
  const { scanned, rows } = await readBy(call);
  expect(scanned).toEqual([]);
  expect(rows).toBeGreaterThan(0);
  expect(rows).toBeLessThanOrEqual(rowsMax);
});

it('cities like a word: at most the five hundred names are compared', async () => {
  const { rows } = await readBy(() => listings.cities({ q: 'spring' }, page));
  expect(rows).toBeLessThanOrEqual(500);
});

it('everything everywhere, soonest first: the next show of each movie is looked up, and no more', async () => {
  const { scanned, rows } = await readBy(search({ sort: 'startsAt' }));
  expect(scanned).not.toContain('show');
  expect(rows).toBeLessThan(1500 * 3 + 20_000);
});

it('can tell: without its indexes a listing reads every show', async () => {
  for (const way of ['indexscan', 'indexonlyscan', 'bitmapscan']) {
    await pool.query(`alter database ${new URL(database.url).pathname.slice(1)} set enable_${way} = off`);
  }
  const blind = testPool(database.url, 1);
  try {
    const repository = new MoviesRepository(blind);
    const span = { from: new Date(), until: null };
    const { scanned, rows } = await readBy(() => repository.showtimesOfCinema(50, span, null, 21), blind);
    expect(scanned).toContain('show');
    expect(rows).toBeGreaterThan(20_000);
  } finally {
    await blind.end();
  }
});
