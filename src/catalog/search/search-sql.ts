import type { SearchSort } from '@usher/contract';
import { looked, movieJson, ms } from '../catalog-rows.js';
import type { KeywordQuery } from './keyword.js';

/** A cinema that a search reaches. */
export interface NearCinema {
  readonly cinemaId: number;
  /** Null where the search has no point. */
  readonly km: number | null;
}

/** A search as its statement needs it. */
export interface Search {
  readonly keyword: KeywordQuery | null;
  /** Null: everywhere. */
  readonly cinemas: readonly NearCinema[] | null;
  /** When shows begin: at or after `from`, before `to` (null: whenever). */
  readonly from: Date;
  readonly to: Date | null;
  /** Whether the query itself narrows the time. */
  readonly isTimed: boolean;
  readonly sort: SearchSort;
  readonly limit: number;
  /** What the page begins after, and the snapshot of the search's first page; null on the first one. */
  readonly after: { readonly movieId: number; readonly key: number | null; readonly snapshot: string } | null;
  /** The popularity to sort by is the one before the last count. */
  readonly isScoredSince: boolean;
}

/** Above so many shows, those of a movie everywhere are not counted for each search: the last count will do. */
export const countedShowsMax = 1000;

/** Collects a statement's values and says how each is named in its text. */
class Values {
  readonly list: unknown[] = [];

  of(value: unknown, type: string): string {
    return `$${this.list.push(value)}::${type}`;
  }
}

/** By what a page is sorted; of equal ones the lower id comes first. */
interface Order {
  /** An expression on `found` and, where {@link isScored}, `tally`. */
  readonly key: string;
  readonly direction: 'asc' | 'desc';
  /** What comes after the last movie answered: a condition; empty on the first page. */
  readonly after: string;
  readonly isScored: boolean;
}

/** How well a movie fits a keyword: the very title, a title that begins with it, its words in the title, people, genres. */
function fit({ titles, titleWhole, title, titleAndPeople }: KeywordQuery, values: Values): string {
  const names = ['found.folded_title', 'found.folded_original_title'];
  const any = (test: (name: string) => string): string => names.map(test).join(' or ');
  const [all, folded] = [values.of(titles, 'text[]'), values.of(titles[0], 'text')];
  return `case when ${any((name) => `${name} = any (${all})`)} then 5
    when ${any((name) => `starts_with(${name}, ${folded})`)} then 4
    when found.terms @@ ${values.of(titleWhole, 'tsquery')} then 3
    when found.terms @@ ${values.of(title, 'tsquery')} then 2
    when found.terms @@ ${values.of(titleAndPeople, 'tsquery')} then 1 else 0 end`;
}

/** Of titles beyond this length the rest does not sort: an index takes no longer key. */
const sortedTitle = (movie: string): string => `left(${movie}.folded_title, 200) collate "C"`;

function order({ keyword, sort, after, isScoredSince }: Search, values: Values): Order {
  const id = after ? values.of(after.movieId, 'bigint') : '';
  const rising = (key: string, last: () => string): Order => {
    const condition = after ? `(${key}, found.movie_id) > (${last()}, ${id})` : '';
    return { key, direction: 'asc', after: condition, isScored: false };
  };
  const number = (type: string) => values.of(after?.key, type);
  if (sort === 'startsAt') return rising(ms('next.at'), () => number('float8'));
  if (sort === 'distance') return rising('found.km', () => number('float8'));
  if (sort === 'title') {
    const lastTitle = () => `(select ${sortedTitle('last')} from movie_search last where last.movie_id = ${id})`;
    return rising(sortedTitle('found'), lastTitle);
  }
  const score = isScoredSince ? 'tally.score_before' : 'tally.score';
  const isFitted = sort === 'relevance' && keyword !== null;
  // Scores are integers of 32 bits, so that both fit into a number.
  const key = isFitted ? `(${fit(keyword, values)}) * 4294967296::float8 + ${score}` : score;
  const last = after ? number(isFitted ? 'float8' : 'int') : '';
  const condition = after ? `${key} <= ${last} and (${key} < ${last} or found.movie_id > ${id})` : '';
  return { key, direction: 'desc', after: condition, isScored: true };
}

/** Which shows count. */
function counting({ from, to, after, sort }: Search, values: Values): string {
  // Where a movie stands depends on its shows in these sorts only; the others go without a visit of each show's row.
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
 * The statement of a search and its values. It answers the page's movies in order, with what they are sorted by and its
 * snapshot.
 */
export function searchStatement(search: Search): { text: string; values: unknown[] } {
  const values = new Values();
  const sorted = order(search, values);
  const page = search.cinemas
    ? pageOfCinemas(search, search.cinemas, sorted, values)
    : pageOfEverywhere(search, sorted, values);
  const text = `with ${page}
    select movie.id as "movieId", ${movieJson} as movie, ${ms('page.next_at')} as "nextShowAt", page.shows,
      page.cinemas, page.km as "distanceKm", ${search.sort === 'title' ? 'null' : 'page.key'} as key,
      pg_current_snapshot()::text as snapshot
    from page ${looked('movie', 'movie.id = page.movie_id')}
    order by page.key ${sorted.direction}, page.movie_id`;
  return { text, values: values.list };
}

const tallied = looked('movie_tally', 'tally.movie_id = found.movie_id', 'tally');

/** All shows of the cinemas are looked at: those of a city are hundreds. */
function pageOfCinemas(search: Search, cinemas: readonly NearCinema[], sorted: Order, values: Values): string {
  const ids = values.of(cinemas.map(({ cinemaId }) => cinemaId), 'int[]'); // prettier-ignore
  const kms = values.of(cinemas.map(({ km }) => km), 'float8[]'); // prettier-ignore
  const matches = search.keyword ? `and terms @@ ${values.of(search.keyword.all, 'tsquery')}` : '';
  return `playing as materialized (
      select show.movie_id, min(show.starts_at) as next_at, count(*)::int as shows,
        count(distinct show.cinema_id)::int as cinemas, min(near.km) as km
      from unnest(${ids}, ${kms}) as near (cinema_id, km) join show on show.cinema_id = near.cinema_id
      where ${counting(search, values)}
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
 * Shows are looked up for movies, not movies for shows: the next one of each. Where the order does not depend on it, in
 * the order of the page and only until the page is full. Then the shows of the page's movies are counted.
 */
function pageOfEverywhere(search: Search, sorted: Order, values: Values): string {
  const matches = search.keyword ? `found.terms @@ ${values.of(search.keyword.all, 'tsquery')}` : '';
  const counted = counting(search, values);
  const limit = values.of(search.limit, 'int');
  // Without a keyword the sort's own index leads the way: that of the scores or that of the titles.
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
  // Not those of a search for some time or of pinned shows: the last count knows of neither.
  const isCountedBefore = search.isTimed ? 'false' : `tally.shows > ${countedShowsMax}`;
  return `soonest as materialized (${soonest}), page as (
      select soonest.*, null::float8 as km, coalesce(counted.shows, tally.shows) as shows,
        coalesce(counted.cinemas, tally.cinemas) as cinemas
      from soonest ${looked('movie_tally', 'tally.movie_id = soonest.movie_id', 'tally')}
      left join lateral (
        select count(*)::int as shows, count(distinct show.cinema_id)::int as cinemas
        from show where show.movie_id = soonest.movie_id and ${counted} and not (${isCountedBefore})
        having not (${isCountedBefore})
      ) counted on true
    )`;
}
