import type { ClientBase } from 'pg';
import type { LayoutPlan } from '../layouts/index.js';
import type { DemoMovie } from './demo-movies.js';
import type { DemoCity, DemoHallKind } from './demo-plan.js';
import type { DemoShow } from './demo-shows.js';

/** Key of the advisory lock. No other code locks this key. The number is ASCII for "demo". */
const demoLock = 0x64656d6f;

/** Number of shows per insert. The parameter of one insert takes about 1 MB. */
const showsPerInsert = 3000;

/** Keeps other nodes from loading the demo until the transaction ends. */
export async function lockDemo(client: ClientBase): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [demoLock]);
}

export async function catalogIsEmpty(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ empty: boolean }>(
    'select not exists (select from city) and not exists (select from movie) as empty',
  );
  return rows[0]?.empty ?? false;
}

/** Inserts a layout. Returns its id. */
export async function insertLayout(client: ClientBase, layout: LayoutPlan): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `insert into layout (seat_count, width, height, stage, sections, seats)
     select "seatCount", width, height, stage, sections, seats
     from jsonb_to_record($1)
       as l("seatCount" int, width float8, height float8, stage jsonb, sections jsonb, seats jsonb)
     returning id`,
    [JSON.stringify(layout)],
  );
  return onlyId(rows);
}

export async function insertMovies(client: ClientBase, movies: readonly DemoMovie[]): Promise<void> {
  await client.query(
    `insert into movie (title, people, genres, language, duration_minutes, release_date)
     select title, people, genres, 'en', "durationMinutes", "releaseDate"
     from jsonb_to_recordset($1)
       as m(title text, people jsonb, genres jsonb, "durationMinutes" int, "releaseDate" date)`,
    [JSON.stringify(movies)],
  );
}

/**
 * Inserts a city with its cinemas and halls, and marks it as part of the demo.
 *
 * @param plannedThrough the day before the first day that needs shows
 */
export async function insertCity(
  client: ClientBase,
  city: DemoCity & { foldedName: string },
  layoutIds: Readonly<Record<DemoHallKind, number>>,
  plannedThrough: string,
): Promise<void> {
  const { rows } = await client.query<{ id: number }>(
    `insert into city (name, folded_name, country, time_zone, lat, lon) values ($1, $2, $3, $4, $5, $6) returning id`,
    [city.name, city.foldedName, city.country, city.timeZone, city.lat, city.lon],
  );
  const cityId = onlyId(rows);
  await client.query('insert into demo_city (city_id, planned_through) values ($1, $2)', [cityId, plannedThrough]);
  const cinemas = city.cinemas.map(({ halls, ...cinema }) => ({
    ...cinema,
    halls: halls.map(({ name, kind }) => ({ name, layoutId: layoutIds[kind] })),
  }));
  await client.query(
    `with given as (
       select * from jsonb_to_recordset($2)
         as c(cinema text, address text, "postalCode" text, lat float8, lon float8, halls jsonb)
     ), stored as (
       insert into cinema (city_id, name, address, postal_code, lat, lon)
       select $1, cinema, address, "postalCode", lat, lon from given
       returning id, name
     )
     insert into hall (cinema_id, name, layout_id)
     select stored.id, hall.name, hall."layoutId"
     from given
     join stored on stored.name = given.cinema
     cross join lateral jsonb_to_recordset(given.halls) as hall(name text, "layoutId" int)`,
    [cityId, JSON.stringify(cinemas)],
  );
}

/** A stored hall in a city of the demo. */
export interface StoredHall {
  hallId: number;
  layoutId: number;
  hall: string;
  cinema: string;
  cityId: number;
  city: string;
  country: string;
  timeZone: string;
  /** The last local calendar day that has shows. */
  plannedThrough: string;
  /** The tiers of the hall's layout, sorted. */
  tiers: string[];
}

/** A planned show, with its hall and its layout. */
export interface NewShow extends DemoShow {
  readonly hallId: number;
  readonly layoutId: number;
}

/** Returns the halls of the demo's cities. */
export async function demoHalls(client: ClientBase): Promise<StoredHall[]> {
  const { rows } = await client.query<StoredHall>(
    `with tiers as (
       select id, (
         select jsonb_agg(distinct seat ->> 'tier' order by seat ->> 'tier') from jsonb_array_elements(seats) as seat
       ) as tiers
       from layout where id in (select layout_id from hall)
     )
     select hall.id as "hallId", hall.layout_id as "layoutId", hall.name as hall, cinema.name as cinema,
       city.id as "cityId", city.name as city, city.country, city.time_zone as "timeZone",
       demo_city.planned_through::text as "plannedThrough", tiers.tiers
     from demo_city
     join city on city.id = demo_city.city_id
     join cinema on cinema.city_id = city.id
     join hall on hall.cinema_id = cinema.id
     join tiers on tiers.id = hall.layout_id
     order by hall.id`,
  );
  return rows;
}

/** Returns the stored movies of the demo in the demo's order. Movies that have been renamed since are left out. */
export async function storedMovies(
  client: ClientBase,
  movies: readonly DemoMovie[],
): Promise<{ id: number; durationMinutes: number }[]> {
  const { rows } = await client.query<{ id: number; durationMinutes: number }>(
    `select min(movie.id) as id, min(movie.duration_minutes) as "durationMinutes"
     from jsonb_array_elements_text($1) with ordinality as demo(title, place)
     join movie on movie.title = demo.title
     group by demo.place order by demo.place`,
    [JSON.stringify(movies.map(({ title }) => title))],
  );
  return rows;
}

/**
 * Inserts shows in the given order. Shows that would overlap with an existing show in the same hall are left out.
 *
 * @returns the number of inserted shows
 */
export async function insertShows(client: ClientBase, shows: readonly NewShow[]): Promise<number> {
  let stored = 0;
  for (let at = 0; at < shows.length; at += showsPerInsert) {
    const { rowCount } = await client.query(
      `insert into show
         (movie_id, hall_id, layout_id, starts_at, ends_at, currency, prices, sale_opens_at, sale_closes_at, rules,
         waiting_room)
       select "movieId", "hallId", "layoutId", "startsAt", "endsAt", currency, prices, "saleOpensAt", "startsAt", rules,
         "waitingRoom"
       from jsonb_to_recordset($1) as planned("movieId" int, "hallId" int, "layoutId" int, "startsAt" timestamptz,
         "endsAt" timestamptz, currency text, prices jsonb, "saleOpensAt" timestamptz, rules jsonb,
         "waitingRoom" jsonb, place int)
       where not exists (
         select from show where show.hall_id = "hallId"
           and show.starts_at < planned."endsAt" and show.ends_at > planned."startsAt"
       )
       order by place`,
      [JSON.stringify(shows.slice(at, at + showsPerInsert).map((show, place) => ({ ...show, place })))],
    );
    stored += rowCount ?? 0;
  }
  return stored;
}

export async function markPlanned(client: ClientBase, cityId: number, plannedThrough: string): Promise<void> {
  await client.query('update demo_city set planned_through = $2 where city_id = $1', [cityId, plannedThrough]);
}

function onlyId(rows: readonly { id: number }[]): number {
  const [row] = rows;
  if (row === undefined) throw new Error('PostgreSQL returned no id for the inserted row');
  return row.id;
}
