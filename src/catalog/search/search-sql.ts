import type { SearchSort } from '@usher/contract';
import { z } from 'zod';
import { toEpochMs } from '../../database/sql-time.js';
import { joinByKey, movieJson } from '../catalog-rows.js';
import { cursorRefused } from '../cursor.js';
import type { KeywordQuery } from './keyword.js';

/** A cinema that a search includes. */
export interface NearCinema {
  readonly cinemaId: number;
  /** Distance from the centre of the search; null if the search has no centre. */
  readonly km: number | null;
}

/** The parameters of a search statement. */
export interface Search {
  readonly keyword: KeywordQuery | null;
  /** Null if the search includes all cinemas. */
  readonly cinemas: readonly NearCinema[] | null;
  /** The search includes shows that start at or after `from` and before `to`. A null `to` sets no upper limit. */
  readonly from: Date;
  readonly to: Date | null;
  /** True if the query of the user limits the time of the shows. */
  readonly isTimed: boolean;
  readonly sort: SearchSort;
  readonly limit: number;
  /** The last row of the previous page and the snapshot of the first page; null on the first page. */
  readonly after: { readonly movieId: number; readonly key: number | null; readonly snapshot: string } | null;
  /** True if popularity was counted again after the first page, so this page must use the previous scores. */
  readonly isScoredSince: boolean;
}

/**
 * If a movie has at most this many shows, a search over all cinemas counts them itself. If the movie has more shows,
 * the search uses the last regular count.
 */
export const countedShowsMax = 1000;

/** Collects the parameters of a statement and returns the placeholder of each. */
class Values {
  readonly list: unknown[] = [];

  of(value: unknown, type: string): string {
    return `$${this.list.push(value)}::${type}`;
  }
}

/** The order of a page. Movies with equal keys are sorted by id. */
interface Order {
  /** An SQL expression over `found` and, if {@link isScored}, also over `tally`. */
  readonly key: string;
  readonly direction: 'asc' | 'desc';
  /** The SQL condition for movies after the previous page; empty on the first page. */
  readonly after: string;
  readonly isScored: boolean;
}

/**
 * Returns an SQL expression that ranks how well a movie matches a keyword: 5 for the exact title, 4 for the beginning of the
 * title, 3 for whole words and 2 for a word prefix in the title, 1 for people, and 0 for genres.
 */
function rankOfMatch({ titles, titleWhole, title, titleAndPeople }: KeywordQuery, values: Values): string {
  const names = ['found.folded_title', 'found.folded_original_title'];
  const any = (test: (name: string) => string): string => names.map(test).join(' or ');
  const [all, folded] = [values.of(titles, 'text[]'), values.of(titles[0], 'text')];
  return `case when ${any((name) => `${name} = any (${all})`)} then 5
    when ${any((name) => `starts_with(${name}, ${folded})`)} then 4
    when found.terms @@ ${values.of(titleWhole, 'tsquery')} then 3
    when found.terms @@ ${values.of(title, 'tsquery')} then 2
    when found.terms @@ ${values.of(titleAndPeople, 'tsquery')} then 1 else 0 end`;
}

/** The score of a movie. */
const Score = z.int32().nullable();

/** Sorts by the first 200 characters of a title, because an index does not accept longer keys. */
const sortedTitle = (movie: string): string => `left(${movie}.folded_title, 200) collate "C"`;

function order({ keyword, sort, after, isScoredSince }: Search, values: Values): Order {
  const id = after ? values.of(after.movieId, 'bigint') : '';
  const rising = (key: string, last: () => string): Order => {
    const condition = after ? `(${key}, found.movie_id) > (${last()}, ${id})` : '';
    return { key, direction: 'asc', after: condition, isScored: false };
  };
  const number = (type: string) => values.of(after?.key, type);
  if (sort === 'startsAt') return rising(toEpochMs('next.at'), () => number('float8'));
  if (sort === 'distance') return rising('found.km', () => number('float8'));
  if (sort === 'title') {
    const lastTitle = () => `(select ${sortedTitle('last')} from movie_search last where last.movie_id = ${id})`;
    return rising(sortedTitle('found'), lastTitle);
  }
  const score = isScoredSince ? 'tally.score_before' : 'tally.score';
  const isFitted = sort === 'relevance' && keyword !== null;
  // Scores are 32-bit integers, so rank and score fit into one number.
  const key = isFitted ? `(${rankOfMatch(keyword, values)}) * 4294967296::float8 + ${score}` : score;
  // A forged cursor may contain a number that is no score. PostgreSQL would fail with it.
  if (!isFitted && !Score.safeParse(after?.key ?? null).success) throw cursorRefused();
  const last = after ? number(isFitted ? 'float8' : 'int') : '';
  const condition = after ? `${key} <= ${last} and (${key} < ${last} or found.movie_id > ${id})` : '';
  return { key, direction: 'desc', after: condition, isScored: true };
}

/** Returns the SQL condition for the shows that the search counts. */
function countedShows({ from, to, after, sort }: Search, values: Values): string {
  // In these sort orders, a new show could move a movie to a different page, so a later page counts only the shows that
  // the first page could see. Other sort orders skip this check, because it reads each show's row.
  const isPinned = after !== null && (sort === 'startsAt' || sort === 'distance');
  return all([
    `show.starts_at >= ${values.of(from, 'timestamptz')}`,
    to ? `show.starts_at < ${values.of(to, 'timestamptz')}` : '',
    'show.called_off_at is null',
    isPinned ? `pg_visible_in_snapshot(show.added_in, ${values.of(after.snapshot, 'pg_snapshot')})` : '',
  ]);
}

const all = (conditions: readonly string[]): string => conditions.filter((one) => one !== '').join(' and ');
const where = (conditions: readonly string[]): string => {
  const both = all(conditions);
  return both === '' ? '' : `where ${both}`;
};

/**
 * Returns the statement of a search with its parameters. The statement returns the movies of the page in order, each
 * with its sort key and the statement's snapshot.
 */
export function searchStatement(search: Search): { text: string; values: unknown[] } {
  const values = new Values();
  const sorted = order(search, values);
  const page = search.cinemas
    ? pageOfCinemas(search, search.cinemas, sorted, values)
    : pageOfEverywhere(search, sorted, values);
  const text = `with ${page}
    select movie.id as "movieId", ${movieJson} as movie, ${toEpochMs('page.next_at')} as "nextShowAt", page.shows,
      page.cinemas, page.km as "distanceKm", ${search.sort === 'title' ? 'null' : 'page.key'} as key,
      pg_current_snapshot()::text as snapshot
    from page ${joinByKey('movie', 'movie.id = page.movie_id')}
    order by page.key ${sorted.direction}, page.movie_id`;
  return { text, values: values.list };
}

const tallied = joinByKey('movie_tally', 'tally.movie_id = found.movie_id', 'tally');

/** Reads all shows of the given cinemas. The cinemas of one city have only hundreds of shows. */
function pageOfCinemas(search: Search, cinemas: readonly NearCinema[], sorted: Order, values: Values): string {
  const ids = values.of(cinemas.map(({ cinemaId }) => cinemaId), 'int[]'); // prettier-ignore
  const kms = values.of(cinemas.map(({ km }) => km), 'float8[]'); // prettier-ignore
  const matches = search.keyword ? `and terms @@ ${values.of(search.keyword.all, 'tsquery')}` : '';
  return `playing as materialized (
      select show.movie_id, min(show.starts_at) as next_at, count(*)::int as shows,
        count(distinct show.cinema_id)::int as cinemas, min(near.km) as km
      from unnest(${ids}, ${kms}) as near (cinema_id, km) join show on show.cinema_id = near.cinema_id
      where ${countedShows(search, values)}
      group by show.movie_id
    ), found as (
      select playing.*, text.folded_title, text.folded_original_title, text.terms from playing cross join lateral (
        select * from movie_search where movie_id = playing.movie_id ${matches} offset 0
      ) text
    ), page as (
      select found.movie_id, found.next_at, found.shows, found.cinemas, found.km, ${sorted.key} as key
      from found cross join lateral (select found.next_at as at) next ${sorted.isScored ? tallied : ''}
      ${where([sorted.after])}
      order by key ${sorted.direction}, found.movie_id limit ${values.of(search.limit, 'int')}
    )`;
}

/**
 * Starts from the movies and looks up the next show of each movie. If the order does not depend on the shows, the
 * statement reads movies in the order of the page and stops when the page is full. Then it counts the shows of these
 * movies.
 */
function pageOfEverywhere(search: Search, sorted: Order, values: Values): string {
  const matches = search.keyword ? `found.terms @@ ${values.of(search.keyword.all, 'tsquery')}` : '';
  const counted = countedShows(search, values);
  const limit = values.of(search.limit, 'int');
  // Without a keyword, PostgreSQL reads the movies from an index that has the sort order, by score or by title.
  const movies = !sorted.isScored
    ? 'movie_search found'
    : search.keyword
      ? `movie_search found ${tallied}`
      : 'movie_tally tally cross join lateral (select tally.movie_id) found';
  const next = `cross join lateral (
          select show.starts_at as at from show where show.movie_id = found.movie_id and ${counted}
          order by show.starts_at limit 1
        ) next`;
  const inOrder = `order by key ${sorted.direction}, found.movie_id`;
  const soonest =
    search.sort === 'startsAt'
      ? `select found.movie_id, next.at as next_at, ${sorted.key} as key from ${movies} ${next}
         ${where([matches, sorted.after])} ${inOrder} limit ${limit}`
      : `select found.movie_id, next.at as next_at, found.key from (
           select found.movie_id, ${sorted.key} as key from ${movies} ${where([matches, sorted.after])}
           ${inOrder} offset 0
         ) found ${next} ${inOrder} limit ${limit}`;
  // The last regular count includes all upcoming shows. So a search that limits the time must count its shows itself.
  const isCountedBefore = search.isTimed ? 'false' : `tally.shows > ${countedShowsMax}`;
  return `soonest as materialized (${soonest}), page as (
      select soonest.*, null::float8 as km, coalesce(counted.shows, tally.shows) as shows,
        coalesce(counted.cinemas, tally.cinemas) as cinemas
      from soonest ${joinByKey('movie_tally', 'tally.movie_id = soonest.movie_id', 'tally')}
      left join lateral (
        select count(*)::int as shows, count(distinct show.cinema_id)::int as cinemas
        from show where show.movie_id = soonest.movie_id and ${counted} and not (${isCountedBefore})
        having not (${isCountedBefore})
      ) counted on true
    )`;
}
