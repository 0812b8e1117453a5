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

/** Returns a listings service whose database clock shows the given time. */
function createListingsAt(time: string): ListingsService {
  const clock = new DatabaseClock();
  clock.observe(Date.parse(time));
  return new ListingsService(new PlacesRepository(pool), new MoviesRepository(pool), clock);
}

const page = { limit: 100 };

/**
 * Adds a cinema with one show per given time. Each show has its own movie, whose title is the time. Returns two
 * functions that read the titles from the lists.
 */
async function addCinemaWithShows(timeZone: string, times: readonly string[]) {
  const cityId = await catalog.city(`City of ${timeZone}`, timeZone);
  const cinemaId = await catalog.cinema(cityId);
  const hall = await catalog.hall(cinemaId);
  for (const time of times) await catalog.show(await catalog.movie({ title: time }), hall, time);
  return {
    listMovies: async (now: string, date?: string) => {
      const { items } = await createListingsAt(now).moviesOfCity(cityId, date, page);
      return items.map(({ title }) => title);
    },
    listShowtimes: async (now: string, date?: string) => {
      const { items } = await createListingsAt(now).showtimesOfCinema(cinemaId, date, page);
      return items.map(({ movie }) => movie.title);
    },
  };
}

// Days on which clocks change, and one on which they do not: the time zone, the day, the last minute before the day,
// its first minute, its last minute, and its length in hours.
const daysOfClockChange = [
  ['Europe/Berlin', '2027-03-28', '2027-03-27T22:59:00Z', '2027-03-27T23:00:00Z', '2027-03-28T21:59:00Z', 23],
  ['Europe/Berlin', '2027-10-31', '2027-10-30T21:59:00Z', '2027-10-30T22:00:00Z', '2027-10-31T22:59:00Z', 25],
  ['America/New_York', '2027-03-14', '2027-03-14T04:59:00Z', '2027-03-14T05:00:00Z', '2027-03-15T03:59:00Z', 23],
  ['America/New_York', '2027-11-07', '2027-11-07T03:59:00Z', '2027-11-07T04:00:00Z', '2027-11-08T04:59:00Z', 25],
  ['Australia/Sydney', '2027-04-04', '2027-04-03T12:59:00Z', '2027-04-03T13:00:00Z', '2027-04-04T13:59:00Z', 25],
  ['Australia/Sydney', '2027-10-03', '2027-10-02T13:59:00Z', '2027-10-02T14:00:00Z', '2027-10-03T12:59:00Z', 23],
  ['America/Santiago', '2027-09-05', '2027-09-05T03:59:00Z', '2027-09-05T04:00:00Z', '2027-09-06T02:59:00Z', 23],
  ['Asia/Kolkata', '2027-03-28', '2027-03-27T18:29:00Z', '2027-03-27T18:30:00Z', '2027-03-28T18:29:00Z', 24],
] as const;

describe.each(daysOfClockChange)('in %s, the day %s', (zone, day, before, first, last, hours) => {
  const after = new Date(Date.parse(last) + 60_000).toISOString();
  let cinema: Awaited<ReturnType<typeof addCinemaWithShows>>;

  beforeAll(async () => {
    cinema = await addCinemaWithShows(zone, [before, first, last, after]);
  });

  it('lists the shows from local midnight to local midnight, however many hours that is', async () => {
    expect((Date.parse(after) - Date.parse(first)) / 3_600_000).toBe(hours);
    expect(await cinema.listMovies('2027-01-01T00:00:00Z', day)).toEqual([first, last].toSorted());
    expect(await cinema.listShowtimes('2027-01-01T00:00:00Z', day)).toEqual([first, last].toSorted());
  });

  it('counts as today from its first moment to its last', async () => {
    expect(await cinema.listShowtimes(before)).toEqual([before, first, last, after].toSorted());
    expect(await cinema.listShowtimes(first)).toEqual([first, last, after].toSorted());
    expect(await cinema.listShowtimes(last)).toEqual([first, last, after].toSorted());
    expect(await cinema.listShowtimes(after)).toEqual([after]);
  });

  it('lists only movies that still have shows to come', async () => {
    const later = new Date(Date.parse(first) + 60_000).toISOString();
    const sooner = new Date(Date.parse(first) - 30_000).toISOString();
    expect(await cinema.listMovies(sooner)).toEqual([first, last, after].toSorted());
    expect(await cinema.listMovies(later)).toEqual([last, after].toSorted());
    expect(await cinema.listMovies(later, day)).toEqual([last]);
    expect(await cinema.listMovies(after, day)).toEqual([]);
  });
});

// Hours that occur twice because clocks are set back: the time zone, the day, and the times of shows. Two of these
// times are the same in local time.
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
])('lists both shows of the hour that occurs twice in %s on %s', async (zone, day, times) => {
  const cinema = await addCinemaWithShows(zone, times);
  expect(await cinema.listShowtimes('2027-01-01T00:00:00Z', day)).toEqual(times);
  expect(await cinema.listMovies('2027-01-01T00:00:00Z', day)).toEqual(times);
});
