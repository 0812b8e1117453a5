import type { ClientBase } from 'pg';
import { StartError } from '../../common/start-error.js';
import { multiplex } from '../layouts/index.js';
import { syntheticCinemas, syntheticCities, syntheticMovies, type SyntheticSize } from './synthetic-plan.js';
import { type SyntheticShow, syntheticShows, syntheticShowsMax } from './synthetic-shows.js';

/** Number of shows per insert. The arrays of one insert take about 1 MB in total. */
const showsPerInsert = 20_000;

/**
 * Largest catalog that one run may create. A run uses one transaction, and its data must fit into memory. `halls` is
 * the number of halls in all cinemas together.
 */
const sizeMax = { movies: 100_000, days: 366, shows: 3_000_000, halls: 200_000 };

/** Prices by time of day and tier, in cents. */
const prices = { matinee: { standard: 950, premium: 1250 }, evening: { standard: 1250, premium: 1650 } };

const rules = { singleSeatGap: 'soft', maxSeatsPerSession: null, strictLine: false };

/**
 * Inserts a synthetic catalog in one transaction. Two runs with the same size, seed and day insert the same catalog.
 *
 * @param now the first shows are on the day after this time
 * @param progress called with the number of shows inserted so far
 * @throws StartError if the catalog is not empty or the size is impossible
 */
export async function insertSyntheticCatalog(
  client: ClientBase,
  size: SyntheticSize,
  now: Date,
  progress: (shows: number) => void,
): Promise<void> {
  checkSize(size);
  const cities = syntheticCities(size);
  await client.query('begin');
  try {
    const { rows } = await client.query<{ filled: boolean }>('select exists (select from city) as filled');
    if (rows[0]?.filled) throw new StartError('The catalog is not empty. Use an empty database.');
    const halls = await storePlaces(client, size, cities);
    const movies = await storeMovies(client, size);
    await storeShows(client, syntheticShows(size, cities, now), { halls, hallsOfCinema: size.halls, movies }, progress);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
  // The planner needs statistics, and index-only scans need a vacuumed table.
  for (const table of ['show', 'hall', 'cinema', 'city', 'movie', 'movie_search', 'movie_word', 'movie_tally']) {
    await client.query(`vacuum (analyze) ${table}`);
  }
}

/** Checks that one run can create a catalog of this size. @throws StartError that names the invalid option */
function checkSize(size: SyntheticSize): void {
  for (const name of ['movies', 'days', 'shows'] as const) {
    if (size[name] > sizeMax[name]) throw new StartError(`--${name} must be at most ${sizeMax[name]}.`);
  }
  const halls = size.cities * size.cinemas * size.halls;
  if (halls > sizeMax.halls) {
    throw new StartError(`--cities × --cinemas × --halls is ${halls} halls; it must be at most ${sizeMax.halls}.`);
  }
  if (size.shows > syntheticShowsMax(size)) {
    throw new StartError(
      `--shows: at most ${syntheticShowsMax(size)} shows fit into ${halls} halls in ${size.days} days. ` +
        'Name fewer shows, or more cities, cinemas, halls or days.',
    );
  }
}

type Cities = ReturnType<typeof syntheticCities>;

/** Runs a statement and returns the ids of its rows. An insert returns the ids in the order of its select. */
const ids = async (client: ClientBase, text: string, values: unknown[]): Promise<number[]> =>
  (await client.query<{ id: number }>(text, values)).rows.map(({ id }) => id);

/** Inserts cities, cinemas and halls. Returns the ids of the halls in the order of their cinemas. */
async function storePlaces(client: ClientBase, size: SyntheticSize, cities: Cities): Promise<number[]> {
  const cityIds = await ids(
    client,
    `insert into city (name, folded_name, country, time_zone, lat, lon)
     select name, "foldedName", country, "timeZone", lat, lon from jsonb_to_recordset($1)
       as c(name text, "foldedName" text, country text, "timeZone" text, lat float8, lon float8) returning id`,
    [JSON.stringify(cities)],
  );
  const cinemas = syntheticCinemas(size, cities).map((cinema) => ({ ...cinema, cityId: cityIds[cinema.city] }));
  const cinemaIds = await ids(
    client,
    `insert into cinema (city_id, name, address, postal_code, lat, lon)
     select "cityId", name, address, "postalCode", lat, lon from jsonb_to_recordset($1)
       as c("cityId" int, name text, address text, "postalCode" text, lat float8, lon float8) returning id`,
    [JSON.stringify(cinemas)],
  );
  const [layoutId] = await ids(
    client,
    `insert into layout (seat_count, width, height, stage, sections, seats)
     select "seatCount", width, height, stage, sections, seats from jsonb_to_record($1)
       as l("seatCount" int, width float8, height float8, stage jsonb, sections jsonb, seats jsonb) returning id`,
    [JSON.stringify(multiplex())],
  );
  return ids(
    client,
    `insert into hall (cinema_id, name, layout_id)
     select cinema, 'Hall ' || number, $2 from unnest($1::int[]) with ordinality as c(cinema, place)
     cross join generate_series(1, $3) number order by place, number returning id`,
    [cinemaIds, layoutId, size.halls],
  );
}

async function storeMovies(client: ClientBase, size: SyntheticSize): Promise<number[]> {
  return ids(
    client,
    `insert into movie (title, original_title, people, genres, language, duration_minutes, release_date)
     select title, "originalTitle", people, genres, language, "durationMinutes", "releaseDate" from jsonb_to_recordset($1)
       as m(title text, "originalTitle" text, people jsonb, genres jsonb, language text, "durationMinutes" int,
         "releaseDate" date) returning id`,
    [JSON.stringify(syntheticMovies(size))],
  );
}

interface Ids {
  readonly halls: readonly number[];
  readonly hallsOfCinema: number;
  readonly movies: readonly number[];
}

async function storeShows(
  client: ClientBase,
  shows: Iterable<SyntheticShow>,
  { halls, hallsOfCinema, movies }: Ids,
  progress: (shows: number) => void,
): Promise<void> {
  let stored = 0;
  for (const chunk of chunks(shows, showsPerInsert)) {
    await client.query(
      `insert into show (movie_id, hall_id, layout_id, starts_at, ends_at, currency, prices, sale_opens_at,
         sale_closes_at, rules, waiting_room)
       select movie.id, hall.id, hall.layout_id, starts_at, starts_at + duration_minutes * interval '1 minute', 'USD',
         case when is_matinee then $5::jsonb else $6::jsonb end, null, starts_at, $7::jsonb, null
       from unnest($1::int[], $2::int[], $3::timestamptz[], $4::bool[]) as planned(movie, hall, starts_at, is_matinee)
       join movie on movie.id = planned.movie join hall on hall.id = planned.hall`,
      [
        chunk.map(({ movie }) => movies[movie]),
        chunk.map(({ cinema, hall }) => halls[cinema * hallsOfCinema + hall]),
        chunk.map(({ startsAt }) => startsAt),
        chunk.map(({ isMatinee }) => isMatinee),
        JSON.stringify(prices.matinee),
        JSON.stringify(prices.evening),
        JSON.stringify(rules),
      ],
    );
    progress((stored += chunk.length));
  }
}

function* chunks<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    if (chunk.push(item) < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
