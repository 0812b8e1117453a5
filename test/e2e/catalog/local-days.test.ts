import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { ListingsService } from '../../../src/catalog/listings.service.js';
import { MoviesRepository } from '../../../src/catalog/movies.repository.js';
import { PlacesRepository } from '../../../src/catalog/places.repository.js';
import { DatabaseClock } from '../../../src/database/database-clock.js';
import { CatalogWriter } from '../../support/catalog.js';
import { createTestDatabase, type TestDatabase, testPool } from '../../support/database.js';

let database: TestDatabase;
let pool: pg.Pool;
let catalog: CatalogWriter;

beforeAll(async () => {
  database = await createTestDatabase({ demo: false });
  pool = testPool(database.url, 2);
  catalog = new CatalogWriter(pool);
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** The lists as they are when the database's clock shows a time. */
function listingsAt(time: string): ListingsService {
  const clock = new DatabaseClock();
  clock.observe(Date.parse(time));
  return new ListingsService(new PlacesRepository(pool), new MoviesRepository(pool), clock);
}

const page = { limit: 100 };

/** A cinema with a movie for each of these times, its title being the time; answers what is listed. */
async function cinemaWith(timeZone: string, times: readonly string[]) {
  const cityId = await catalog.city(`City of ${timeZone}`, timeZone);
  const cinemaId = await catalog.cinema(cityId);
  const hall = await catalog.hall(cinemaId);
  for (const time of times) await catalog.show(await catalog.movie({ title: time }), hall, time);
  return {
    playing: async (now: string, date?: string) => {
      const { items } = await listingsAt(now).moviesOfCity(cityId, date, page);
      return items.map(({ title }) => title);
    },
    listed: async (now: string, date?: string) => {
      const { items } = await listingsAt(now).showtimesOfCinema(cinemaId, date, page);
      return items.map(({ movie }) => movie.title);
    },
  };
}

// Days on which clocks change: the last minute before, the first moment and the last minute of the day, its hours.
const changes = [
  ['Europe/Berlin', '2027-03-28', '2027-03-27T22:59:00Z', '2027-03-27T23:00:00Z', '2027-03-28T21:59:00Z', 23],
  ['Europe/Berlin', '2027-10-31', '2027-10-30T21:59:00Z', '2027-10-30T22:00:00Z', '2027-10-31T22:59:00Z', 25],
  ['America/New_York', '2027-03-14', '2027-03-14T04:59:00Z', '2027-03-14T05:00:00Z', '2027-03-15T03:59:00Z', 23],
  ['America/New_York', '2027-11-07', '2027-11-07T03:59:00Z', '2027-11-07T04:00:00Z', '2027-11-08T04:59:00Z', 25],
  ['Australia/Sydney', '2027-04-04', '2027-04-03T12:59:00Z', '2027-04-03T13:00:00Z', '2027-04-04T13:59:00Z', 25],
  ['Australia/Sydney', '2027-10-03', '2027-10-02T13:59:00Z', '2027-10-02T14:00:00Z', '2027-10-03T12:59:00Z', 23],
  ['America/Santiago', '2027-09-05', '2027-09-05T03:59:00Z', '2027-09-05T04:00:00Z', '2027-09-06T02:59:00Z', 23],
  ['Asia/Kolkata', '2027-03-28', '2027-03-27T18:29:00Z', '2027-03-27T18:30:00Z', '2027-03-28T18:29:00Z', 24],
] as const;

describe.each(changes)('in %s the day %s', (zone, day, before, first, last, hours) => {
  const after = new Date(Date.parse(last) + 60_000).toISOString();
  let cinema: Awaited<ReturnType<typeof cinemaWith>>;

  beforeAll(async () => {
    cinema = await cinemaWith(zone, [before, first, last, after]);
  });

  it('has the shows of its own midnight to midnight, however long that is', async () => {
    expect((Date.parse(after) - Date.parse(first)) / 3_600_000).toBe(hours);
    expect(await cinema.playing('2027-01-01T00:00:00Z', day)).toEqual([first, last].toSorted());
    expect(await cinema.listed('2027-01-01T00:00:00Z', day)).toEqual([first, last].toSorted());
  });

  it('is today from its first moment to its last', async () => {
    expect(await cinema.listed(before)).toEqual([before, first, last, after].toSorted());
    expect(await cinema.listed(first)).toEqual([first, last, after].toSorted());
    expect(await cinema.listed(last)).toEqual([first, last, after].toSorted());
    expect(await cinema.listed(after)).toEqual([after]);
  });

  it('plays what is still to come', async () => {
    const later = new Date(Date.parse(first) + 60_000).toISOString();
    const sooner = new Date(Date.parse(first) - 30_000).toISOString();
    expect(await cinema.playing(sooner)).toEqual([first, last, after].toSorted());
    expect(await cinema.playing(later)).toEqual([last, after].toSorted());
    expect(await cinema.playing(later, day)).toEqual([last]);
    expect(await cinema.playing(after, day)).toEqual([]);
  });
});

// The hour that repeats: the last minute before it, both equal times, the first minute after it.
it.each([
  [
    'Europe/Berlin',
    '2027-10-31',
    ['2027-10-30T23:59:00Z', '2027-10-31T00:30:00Z', '2027-10-31T01:30:00Z', '2027-10-31T02:00:00Z'],
  ],
  [
    'Europe/Dublin',
    '2027-10-31',
    ['2027-10-30T23:59:00Z', '2027-10-31T00:30:00Z', '2027-10-31T01:30:00Z', '2027-10-31T02:00:00Z'],
  ],
  [
    'Australia/Lord_Howe',
    '2027-04-04',
    ['2027-04-03T14:29:00Z', '2027-04-03T14:45:00Z', '2027-04-03T15:15:00Z', '2027-04-03T15:30:00Z'],
  ],
  ['America/Havana', '2027-11-07', ['2027-11-07T04:30:00Z', '2027-11-07T05:30:00Z', '2027-11-07T06:00:00Z']],
  ['America/Santiago', '2027-04-03', ['2027-04-04T02:30:00Z', '2027-04-04T03:30:00Z', '2027-04-04T03:59:00Z']],
])('has both shows of the hour that repeats in %s on the day %s', async (zone, day, times) => {
  const cinema = await cinemaWith(zone, times);
  expect(await cinema.listed('2027-01-01T00:00:00Z', day)).toEqual(times);
  expect(await cinema.playing('2027-01-01T00:00:00Z', day)).toEqual(times);
});
