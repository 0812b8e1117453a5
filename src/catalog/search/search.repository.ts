import { Inject, Injectable } from '@nestjs/common';
import type { Movie } from '@usher/contract';
import type { Pool } from 'pg';
import { PG_POOL } from '../../database/pg-pool.js';
import { expensiveReadMsMax, readWithin } from '../../database/read-within.js';
import type { Keyword } from './keyword.js';
import { type Box, type Point } from './near.js';
import { type Search, searchStatement } from './search-sql.js';
import type { SimilarWord } from './spelling.js';

/** A movie that the search found. Times are in ms since 1970. */
export interface FoundRow {
  movieId: number;
  movie: Movie;
  nextShowAt: number;
  shows: number;
  cinemas: number;
  distanceKm: number | null;
  /** The sort key; null if the search is sorted by title. */
  key: number | null;
  /** The statement's `pg_snapshot`. */
  snapshot: string;
}

/**
 * Filters the cinemas of a search. A cinema must match every filter that is not null. At least one filter is not null.
 */
export interface Places {
  /** The id of a city, or its name after {@link foldText}. */
  readonly city: number | string | null;
  /** The postal code in upper case, without spaces and hyphens. */
  readonly postalCode: string | null;
  readonly box: Box | null;
}

/** SQL statements of the search. */
@Injectable()
export class SearchRepository {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /** Splits a typed text into terms, by the same rules by which the texts of movies are split. */
  async keyword(typed: string): Promise<Keyword> {
    const { rows } = await this.pool.query<Keyword>({
      name: 'search-keyword',
      text: `select folded_text($1) as folded, (
          select coalesce(json_agg(json_build_object('text', term, 'isWord', kind = 'word') order by place), '[]')
          from search_terms($1) where kind in ('word', 'pair')
        ) as terms`,
      values: [typed],
    });
    const [keyword] = rows;
    if (!keyword) throw new Error('PostgreSQL returned no row for a keyword');
    return keyword;
  }

  /** Returns the cinemas that match the filters. The statement is not prepared, because each set of filters needs its own plan. */
  async cinemas({ city, postalCode, box }: Places): Promise<(Point & { cinemaId: number })[]> {
    const values: unknown[] = [];
    const value = (given: unknown, type: string): string => `$${values.push(given)}::${type}`;
    const conditions: string[] = [];
    if (typeof city === 'number') conditions.push(`city_id = ${value(city, 'bigint')}`);
    if (typeof city === 'string') {
      conditions.push(`city_id in (select id from city where folded_name = ${value(city, 'text')})`);
    }
    if (postalCode !== null) {
      conditions.push(`upper(regexp_replace(postal_code, '[\\s-]', '', 'g')) = ${value(postalCode, 'text')}`);
    }
    if (box) {
      conditions.push(`lat between ${value(box.latFrom, 'float8')} and ${value(box.latTo, 'float8')}`);
      if (box.lon) {
        const { from, to } = box.lon;
        const both = from <= to ? 'and' : 'or';
        conditions.push(`(lon >= ${value(from, 'float8')} ${both} lon <= ${value(to, 'float8')})`);
      }
    }
    const text = `select id as "cinemaId", lat, lon from cinema where ${conditions.join(' and ')} order by id`;
    return readWithin(this.pool, expensiveReadMsMax, { text, values });
  }

  /**
   * Returns one page of movies. The statement is not prepared, because the number of matching shows differs by powers
   * of ten between keywords and places, so no single plan suits all searches. Planning takes about 1 ms.
   */
  async search(search: Search): Promise<FoundRow[]> {
    const { text, values } = searchStatement(search);
    return readWithin(this.pool, expensiveReadMsMax, { text, values });
  }

  /**
   * Returns true if popularity was counted again after a snapshot. Checking one movie is enough, because a count
   * changes all movies in one transaction.
   */
  async isScoredSince(snapshot: string): Promise<boolean> {
    const { rows } = await this.pool.query<{ since: boolean }>({
      name: 'search-scored-since',
      text: `select scored_in is not null and not pg_visible_in_snapshot(scored_in, $1::pg_snapshot) as since
        from movie_tally order by score desc, movie_id limit 1`,
      values: [snapshot],
    });
    return rows[0]?.since ?? false;
  }

  /**
   * Checks for each term whether any movie contains the term. If no movie does, also returns the words that are similar
   * to the term.
   *
   * @param terms the texts, each with its `tsquery`
   */
  async similarWords(
    terms: readonly { readonly text: string; readonly query: string }[],
  ): Promise<{ isKnown: boolean; similar: SimilarWord[] }[]> {
    return readWithin(this.pool, expensiveReadMsMax, {
      name: 'search-similar-words',
      text: `select known.is_known as "isKnown", case when known.is_known then '[]' else (
          select coalesce(json_agg(json_build_object('word', word, 'movies', movies)), '[]') from similar_words(term)
        ) end as similar
        from unnest($1::text[], $2::text[]) with ordinality as asked (term, query, place)
        cross join lateral (
          select exists (select from movie_search where terms @@ query::tsquery) as is_known
        ) known
        order by place`,
      values: [terms.map(({ text }) => text), terms.map(({ query }) => query)],
    });
  }
}
