import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { SearchQuery } from '@usher/contract';
import pg from 'pg';
import { z } from 'zod';
import { insertSyntheticCatalog } from '../../../src/catalog/synthetic/synthetic-catalog.js';
import { ListingsService } from '../../../src/catalog/listings.service.js';
import { MoviesRepository } from '../../../src/catalog/movies.repository.js';
import { PlacesRepository } from '../../../src/catalog/places.repository.js';
import { MovieTallyService } from '../../../src/catalog/search/movie-tally.service.js';
import { SearchRepository } from '../../../src/catalog/search/search.repository.js';
import { SearchService } from '../../../src/catalog/search/search.service.js';
import { ShowCatalogRepository } from '../../../src/catalog/show-catalog.repository.js';
import { DatabaseClock } from '../../../src/database/database-clock.js';
import { LineRepository } from '../../../src/shows/index.js';
import { validate } from '../../support/contract-shapes.js';
import { createTestDatabase, type TestDatabase, testPool } from '../../support/database.js';

/** A node of a query plan in the format of `explain (format json)`. */
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
  await insertSyntheticCatalog(client, size, new Date(), () => undefined);
  await client.query('insert into show_ledger (show_id, free) select id, 5 from show');
  await client.query('vacuum (analyze) show_ledger');
  // The embedded server has the same setting, and docs/operations/one-machine.md asks for it.
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

function flattenPlan(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(flattenPlan)];
}

const Statement = z.object({ text: z.string(), values: z.array(z.unknown()).optional() });

/**
 * Makes a call and explains the statements that it sends to PostgreSQL. Returns which tables they scan in full and how
 * many rows they touch.
 */
async function explainCall(
  call: () => Promise<unknown>,
  targetPool = pool,
): Promise<{ scanned: string[]; rows: number }> {
  // The pool sends all statements through its clients. Searches use a client of their own for a transaction.
  const spy = jest.spyOn(pg.Client.prototype, 'query');
  await call();
  const statements = spy.mock.calls
    .map(([first, second]: unknown[]): [string, unknown[]] => {
      if (typeof first === 'string') return [first, Array.isArray(second) ? second : []];
      const { text, values = [] } = validate(Statement, first);
      return [text, values];
    })
    .filter(([text]) => !/^(begin|commit)/.test(text));
  spy.mockRestore();
  expect(statements.length).toBeGreaterThan(0);
  const nodes: PlanNode[] = [];
  for (const [text, values] of statements) {
    const { rows } = await targetPool.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `explain (analyze, format json) ${text}`,
      values,
    );
    nodes.push(...flattenPlan(rows[0]!['QUERY PLAN'][0].Plan));
  }
  const readCalls = nodes.filter((node) => node['Relation Name'] !== undefined);
  const countTouchedRows = (node: PlanNode) =>
    (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
  return {
    scanned: readCalls.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name']!),
    rows: readCalls.reduce((sum, node) => sum + countTouchedRows(node), 0),
  };
}

const page = { limit: 20 };
const formatTomorrow = () => new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
const searchFor = (query: Record<string, string>) => () =>
  searches.search(SearchQuery.parse(query), () => Promise.resolve());

// The row limits are for 500 cities, 1,500 cinemas, 1,500 movies and 20,000 shows, which makes 40 shows per city.
const readCalls: [name: string, call: () => Promise<unknown>, rowsMax: number][] = [
  ['cities', () => listings.cities({}, page), 30],
  ['one city', () => listings.city(5), 1],
  ['cinemas of a city', () => listings.cinemasOfCity(5, page), 30],
  ['movies of a city', () => listings.moviesOfCity(5, undefined, page), 500],
  ['movies of a city on a day', () => listings.moviesOfCity(5, formatTomorrow(), page), 250],
  ['showtimes of a movie', () => listings.showtimesOfMovie(1, 5, undefined, page), 700],
  ['showtimes of a cinema', () => listings.showtimesOfCinema(50, undefined, page), 150],
  ['showtimes of a cinema on a day', () => listings.showtimesOfCinema(50, formatTomorrow(), page), 50],
  ['a show', () => shows.show(77), 8],
  ['a search by title', searchFor({ keyword: 'golden tiger' }), 500],
  ['a search by person, by title', searchFor({ keyword: 'kowalski', sort: 'title' }), 4000],
  ['a search by a misspelt word', searchFor({ keyword: 'goldne' }), 5000],
  ['a search in a city', searchFor({ keyword: 'gol', city: '5' }), 500],
  ['everything in a city, soonest first', searchFor({ city: 'chicago', sort: 'startsAt' }), 600],
  ['everything near, nearest first', searchFor({ lat: '41.8', lon: '-87.6', radiusKm: '50', sort: 'distance' }), 4000],
  ['a postal code', () => searchFor({ postalCode })(), 500],
  ['everything, the most popular first', searchFor({}), 25_000],
  ['everything, by title', searchFor({ sort: 'title' }), 5000],
  ['a day everywhere', searchFor({ from: `${formatTomorrow()}T20:00:00Z`, to: `${formatTomorrow()}T23:00:00Z` }), 5000],
];

it.each(readCalls)('reads no table in full for %s', async (_, call, rowsMax) => {
  const { scanned, rows } = await explainCall(call);
  expect(scanned).toEqual([]);
  expect(rows).toBeGreaterThan(0);
  expect(rows).toBeLessThanOrEqual(rowsMax);
});

it('reads only the entries of a page of the proof of a line, before PostgreSQL has statistics of the line', async () => {
  const hash = 'a'.repeat(64);
  await pool.query(`insert into show_line (show_id, line, hash) values (7, 'entry', '${hash}')`);
  await pool.query(
    `insert into waiter (show_id, line, line_ticket, session_id, party_size, joined_at, expires_at, receipt)
     select 7, 'entry', n, gen_random_uuid(), 1, now(), now(), 'receipt' from generate_series(1, 5000) n`,
  );
  await pool.query(
    `insert into line_event (show_id, line, n, at, kind, line_ticket, hash)
     select 7, 'entry', n, now(), 'join', n, '${hash}' from generate_series(1, 5000) n`,
  );
  const { rows } = await explainCall(() => new LineRepository(pool).chain(7, 'entry', 1000, 100));
  // An entry, its receipt, and the row of the line.
  expect(rows).toBeLessThanOrEqual(2 * 100 + 1);
});

it('touches at most 500 rows, one per city, in a search for cities', async () => {
  const { rows } = await explainCall(() => listings.cities({ q: 'spring' }, page));
  expect(rows).toBeLessThanOrEqual(500);
});

it('does not scan all shows to sort all movies by the start of their next show', async () => {
  const { scanned, rows } = await explainCall(searchFor({ sort: 'startsAt' }));
  expect(scanned).not.toContain('show');
  expect(rows).toBeLessThan(1500 * 3 + 20_000);
});

it('detects a full scan, because a listing reads every show when index scans are switched off', async () => {
  for (const scanKind of ['indexscan', 'indexonlyscan', 'bitmapscan']) {
    await pool.query(`alter database ${new URL(database.url).pathname.slice(1)} set enable_${scanKind} = off`);
  }
  const poolWithoutIndexes = testPool(database.url, 1);
  try {
    const repository = new MoviesRepository(poolWithoutIndexes);
    const span = { from: new Date(), until: null };
    const { scanned, rows } = await explainCall(
      () => repository.showtimesOfCinema(50, span, null, 21),
      poolWithoutIndexes,
    );
    expect(scanned).toContain('show');
    expect(rows).toBeGreaterThan(20_000);
  } finally {
    await poolWithoutIndexes.end();
  }
});
