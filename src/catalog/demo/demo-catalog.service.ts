import { Inject, Injectable } from '@nestjs/common';
import type { ClientBase, Pool } from 'pg';
import { PG_POOL } from '../../database/pg-pool.js';
import { foldText } from '../fold-text.js';
import { addDays, localDay } from '../../common/local-time.js';
import { demoMovies } from './demo-movies.js';
import { demoLayouts, demoPlan, demoTiers, type DemoCity, type DemoHallKind } from './demo-plan.js';
import { demoShowsOfDay, type ProgrammeHall } from './demo-shows.js';
import * as sql from './demo-sql.js';

/** Number of days with shows after today. */
const daysAhead = 13;

/** Id of the show that the examples in the documentation use. */
const exampleShowId = 2000;

/**
 * Minimum time between the first load and the start of the example show, so that buyers can reserve, pay and get
 * refunds.
 */
const exampleLeadMs = 2 * 24 * 60 * 60 * 1000;

/** The number of rows that {@link DemoCatalogService.load} inserted. */
export interface DemoLoad {
  readonly cities: number;
  readonly shows: number;
}

/** Loads the demo catalog: real cities and films, invented cinemas, and shows for 14 days from today on. */
@Injectable()
export class DemoCatalogService {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /**
   * Loads the demo into an empty catalog. If the catalog already is the demo, adds shows for the days that have no
   * shows yet. The load never changes existing rows of the catalog, nor a catalog that is not the demo. It runs in one
   * transaction. If several nodes start at the same time, one of them loads the demo, and the others wait for that
   * node.
   *
   * @param today the current time, from which the local day of each city is derived
   */
  async load(today: Date): Promise<DemoLoad> {
    const client = await this.pool.connect();
    try {
      await client.query('begin');
      await sql.lockDemo(client);
      const cities = (await sql.catalogIsEmpty(client)) ? await storeCities(client, today) : 0;
      const shows = await planMissingDays(client, today, cities > 0);
      await client.query('commit');
      client.release();
      return { cities, shows };
    } catch (error) {
      // Closing the connection rolls the transaction back, even if the connection itself has failed.
      client.release(true);
      throw error;
    }
  }
}

async function storeCities(client: ClientBase, today: Date): Promise<number> {
  const layoutIds: Record<DemoHallKind, number> = {
    artHouse: await sql.insertLayout(client, demoLayouts.artHouse()),
    multiplex: await sql.insertLayout(client, demoLayouts.multiplex()),
    palace: await sql.insertLayout(client, demoLayouts.palace()),
  };
  await sql.insertMovies(client, demoMovies());
  const cities = demoPlan();
  for (const city of cities) {
    const yesterday = addDays(localDay(today, city.timeZone), -1);
    await sql.insertCity(client, { ...city, foldedName: foldText(city.name) }, layoutIds, yesterday);
  }
  return cities.length;
}

async function planMissingDays(client: ClientBase, today: Date, isFirstLoad: boolean): Promise<number> {
  const halls = (await sql.demoHalls(client)).filter(({ timeZone, plannedThrough }) => {
    return plannedThrough < lastDay(today, timeZone);
  });
  if (halls.length === 0) return 0;
  const movies = await sql.storedMovies(client, demoMovies());
  const kinds = kindsByKey(demoPlan());
  const shows = (movies.length === 0 ? [] : halls.flatMap((hall) => showsOfHall(hall, kinds, movies, today))).toSorted(
    (one, other) => one.startsAt.getTime() - other.startsAt.getTime() || one.hallId - other.hallId,
  );
  const stored = await sql.insertShows(client, isFirstLoad ? placeExample(shows, today) : shows);
  const zones = new Map(halls.map((hall) => [hall.cityId, hall.timeZone]));
  for (const [cityId, timeZone] of zones) {
    await sql.markPlanned(client, cityId, lastDay(today, timeZone));
  }
  return stored;
}

/**
 * Moves an ordinary show to the position in the list that gets {@link exampleShowId}. Otherwise the hour of the first
 * load would decide which show gets this id. Sometimes it would be a show with a waiting room, or a show whose sale has
 * not opened yet. An ordinary show is always in a multiplex hall, because only shows in these halls have a soft gap
 * rule and no date at which the sale opens.
 */
function placeExample(shows: readonly sql.NewShow[], today: Date): readonly sql.NewShow[] {
  const isOrdinary = ({ waitingRoom, saleOpensAt, rules, startsAt }: sql.NewShow) =>
    waitingRoom === null &&
    saleOpensAt === null &&
    rules.singleSeatGap === 'soft' &&
    startsAt.getTime() >= today.getTime() + exampleLeadMs;
  const place = exampleShowId - 1; // ids begin with 1
  const [example, replaced] = [shows.slice(place).find(isOrdinary), shows[place]];
  if (example === undefined || replaced === undefined) return shows;
  return shows.map((show, index) => (index === place ? example : show === example ? replaced : show));
}

const lastDay = (today: Date, timeZone: string): string => addDays(localDay(today, timeZone), daysAhead);

const keyOf = (city: string, cinema: string, hall: string): string => JSON.stringify([city, cinema, hall]);

const kindsByKey = (cities: readonly DemoCity[]): Map<string, DemoHallKind> =>
  new Map(
    cities.flatMap((city) =>
      city.cinemas.flatMap(({ cinema, halls }) =>
        halls.map(({ name, kind }) => [keyOf(city.name, cinema, name), kind] as const),
      ),
    ),
  );

/**
 * Plans the shows of a hall for the days that have none yet. A hall that no longer belongs to the demo gets no shows.
 */
function showsOfHall(
  stored: sql.StoredHall,
  kinds: ReadonlyMap<string, DemoHallKind>,
  movies: readonly { id: number; durationMinutes: number }[],
  today: Date,
) {
  const { hallId, layoutId, country, timeZone, tiers, plannedThrough } = stored;
  const key = keyOf(stored.city, stored.cinema, stored.hall);
  const kind = kinds.get(key);
  if (kind === undefined || tiers.join() !== demoTiers[kind].join()) return [];
  const hall: ProgrammeHall = { key, kind, country, timeZone, tiers };
  const last = lastDay(today, timeZone);
  const firstMissing = addDays(plannedThrough, 1);
  const now = localDay(today, timeZone);
  const shows = [];
  for (let day = firstMissing > now ? firstMissing : now; day <= last; day = addDays(day, 1)) {
    for (const show of demoShowsOfDay(hall, day, movies)) shows.push({ ...show, hallId, layoutId });
  }
  return shows;
}
