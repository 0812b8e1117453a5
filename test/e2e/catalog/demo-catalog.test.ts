import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { DemoCatalogService } from '../../../src/catalog/demo/demo-catalog.service.js';
import { copyDatabase, createTestDatabase, type TestDatabase, testPool } from '../../support/database.js';

const today = new Date('2026-10-20T12:00:00.000Z');
const addDays = (days: number) => new Date(today.getTime() + days * 86_400_000);

/** A database with the demo catalog of `today`. Tests copy this database, because loading the catalog takes seconds. */
let loaded: TestDatabase;
let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  loaded = await createTestDatabase({ demo: false });
  const loadingPool = testPool(loaded.url, 4);
  await new DemoCatalogService(loadingPool).load(today);
  await loadingPool.end();
}, 60_000);

afterAll(() => loaded.drop());

function open(opened: TestDatabase): void {
  database = opened;
  pool = testPool(database.url, 4);
}

afterEach(async () => {
  await pool.end();
  await database.drop();
});

async function queryRows<T extends object>(text: string): Promise<T[]> {
  return (await pool.query<T>(text)).rows;
}

/**
 * Returns all rows of the catalog as text, sorted by id within each table. Omits the id of the transaction that stored
 * the row.
 */
async function readContents(): Promise<string[]> {
  const tables = ['city', 'cinema', 'hall', 'layout', 'movie', 'show'];
  const lists = await Promise.all(
    tables.map((table) =>
      queryRows<{ line: string }>(`select (to_jsonb(t) - 'added_in')::text as line from ${table} as t order by id`),
    ),
  );
  return lists.flat().map(({ line }) => line);
}

const overlapsQuery = `select a.id from show as a join show as b on b.hall_id = a.hall_id and b.id > a.id
  and b.starts_at < a.ends_at and a.starts_at < b.ends_at`;

/** Counts, for each local calendar day, the cities that have shows on that day. */
const countCitiesByDay = () =>
  queryRows<{ day: string; cities: number }>(
    `select (starts_at at time zone time_zone)::date::text as day, count(distinct city.id)::int as cities
     from show join hall on hall.id = hall_id join cinema on cinema.id = hall.cinema_id join city on city.id = city_id
     group by 1 order by 1`,
  );

describe('the demo catalog on an empty database', () => {
  beforeEach(async () => open(await createTestDatabase({ demo: false })));

  it('is loaded once, however many nodes start at the same moment', async () => {
    const loads = await Promise.all([1, 2, 3].map(() => new DemoCatalogService(pool).load(today)));
    expect(loads.map(({ cities }) => cities).toSorted((a, b) => a - b)).toEqual([0, 0, 12]);
    const [counts] = await queryRows(
      `select (select count(*)::int from city) as cities, (select count(*)::int from cinema) as cinemas,
         (select count(*)::int from layout) as layouts, (select count(*)::int from movie) as movies`,
    );
    expect(counts).toEqual({ cities: 12, cinemas: 60, layouts: 3, movies: 40 });
    expect(loads.reduce((sum, { shows }) => sum + shows, 0)).toBeGreaterThan(5000);
    expect(await queryRows(overlapsQuery)).toEqual([]);
  });

  it.each(['2026-10-20T12:00Z', '2026-11-30T23:10Z', '2026-12-01T04:00Z'])(
    'gives show id 2000, which the examples in the documents use, to an ordinary show if it is loaded at %s',
    async (time) => {
      await new DemoCatalogService(pool).load(new Date(time));
      const [example] = await queryRows(
        `select sale_opens_at as "saleOpensAt", waiting_room as "waitingRoom", jsonb_array_length(seats) as "seatCount",
           starts_at > '${time}'::timestamptz + interval '1 day' as "startsLater"
         from show join layout on layout.id = layout_id where show.id = 2000`,
      );
      expect(example).toEqual({ saleOpensAt: null, waitingRoom: null, seatCount: 320, startsLater: true });
    },
  );

  it('is not loaded into a database that already has another catalog', async () => {
    await pool.query(
      `insert into city (name, folded_name, country, time_zone, lat, lon)
       values ('Köln', 'koln', 'DE', 'Europe/Berlin', 50.94, 6.96)`,
    );
    const before = await readContents();
    expect(await new DemoCatalogService(pool).load(today)).toEqual({ cities: 0, shows: 0 });
    expect(await readContents()).toEqual(before);
  });

  it('is stored with all rows or not at all', async () => {
    await pool.query(`alter table show add constraint none_today check (starts_at < '2026-10-30')`);
    await expect(new DemoCatalogService(pool).load(today)).rejects.toThrow(/none_today/);
    expect(await readContents()).toEqual([]);
  });
});

describe('a loaded demo catalog', () => {
  beforeEach(async () => open(await copyDatabase(loaded.url)));

  it('has shows in every city on fourteen days, and has the same rows in every database that loads it on the same day', async () => {
    const planned = await countCitiesByDay();
    expect(planned).toHaveLength(14);
    expect(planned.map(({ cities }) => cities)).toEqual(planned.map(() => 12));
    const first = await readContents();
    await pool.query('truncate city, cinema, hall, layout, movie, show, demo_city restart identity cascade');
    await new DemoCatalogService(pool).load(today);
    expect(await readContents()).toEqual(first);
  });

  it('does not change when it is loaded again on the same day', async () => {
    const demo = new DemoCatalogService(pool);
    const before = await readContents();
    expect(await demo.load(today)).toEqual({ cities: 0, shows: 0 });
    expect(await readContents()).toEqual(before);
  });

  it('gets the missing days when it is loaded again later, with the shows of a first load, and keeps all existing rows', async () => {
    const demo = new DemoCatalogService(pool);
    const before = await readContents();
    expect(await demo.load(addDays(3))).toMatchObject({ cities: 0, shows: expect.any(Number) });
    const after = await readContents();
    const linesBefore = new Set(before);
    expect(after.filter((line) => linesBefore.has(line))).toEqual(before);
    expect(await countCitiesByDay()).toHaveLength(17);
    expect(await queryRows(overlapsQuery)).toEqual([]);

    const programmeQuery = `select movie_id, hall_id, starts_at, prices from show where starts_at >= '2026-10-25'
      order by hall_id, starts_at`;
    const grown = await queryRows(programmeQuery);
    await pool.query('truncate city, cinema, hall, layout, movie, show, demo_city restart identity cascade');
    await demo.load(addDays(3));
    expect(await queryRows(programmeQuery)).toEqual(grown);
  });

  it('starts again from the current day if weeks have passed since the last load', async () => {
    const demo = new DemoCatalogService(pool);
    await demo.load(addDays(60));
    const planned = (await countCitiesByDay()).map(({ day }) => day);
    expect(planned).toHaveLength(28);
    expect(planned[13]! < '2026-11-04').toBe(true);
    expect(planned[14]! >= '2026-12-18').toBe(true);
  });

  it('gets no shows in a hall that it did not create, and no shows that overlap an existing show', async () => {
    const demo = new DemoCatalogService(pool);
    const [addedHall] = await queryRows<{ id: number }>(
      `insert into hall (cinema_id, name, layout_id) select cinema_id, 'Attic', layout_id from hall limit 1 returning id`,
    );
    await pool.query(
      `insert into show (movie_id, hall_id, layout_id, starts_at, ends_at, currency, prices, sale_closes_at, rules)
       select movie_id, hall_id, layout_id, '2026-11-03T00:00Z', '2026-11-05T00:00Z', currency, prices,
         '2026-11-03T00:00Z', rules from show where hall_id = 1 limit 1`,
    );
    await demo.load(addDays(5));
    expect(await queryRows(`select id from show where hall_id = ${addedHall!.id}`)).toEqual([]);
    expect(await queryRows(overlapsQuery)).toEqual([]);
    const laterShows = await queryRows(`select id from show where hall_id = 1 and starts_at >= '2026-11-05'`);
    expect(laterShows.length).toBeGreaterThan(0);
  });
});
