import { Inject, Injectable } from '@nestjs/common';
import type { Cinema, Movie } from '@usher/contract';
import type { Pool } from 'pg';
import { PG_POOL } from '../database/pg-pool.js';
import { expensiveReadMsMax, readWithin } from '../database/read-within.js';
import { cinemaJson, joinByKey, movieJson, type MovieRow, showtimeJson, type ShowtimeRow } from './catalog-rows.js';

/** Limits shows to those that start at or after `from` and before `until`. If `until` is null, there is no upper limit. */
export interface Span {
  readonly from: Date;
  readonly until: Date | null;
}

const startsInSpan = (from: string, until: string) =>
  `show.starts_at >= ${from}::timestamptz and (${until}::timestamptz is null or show.starts_at < ${until}::timestamptz)`;

/** Joins the tables that the entry of a show in a list needs. */
const showtimeJoins = `
  ${joinByKey('hall', 'hall.id = show.hall_id')}
  ${joinByKey('layout', 'layout.id = show.layout_id')}`;

const shows = `json_agg(${showtimeJson} order by show.starts_at, show.id) as shows`;

/**
 * SQL statements for movies and their showtimes. Lists start after the row whose id is `after`, or at the first row if
 * `after` is null.
 */
@Injectable()
export class MoviesRepository {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  async movie(movieId: number): Promise<Movie | null> {
    const { rows } = await this.pool.query<MovieRow>({
      name: 'catalog-movie',
      text: `select ${movieJson} as movie from movie where id = $1::bigint`,
      values: [movieId],
    });
    return rows[0]?.movie ?? null;
  }

  /**
   * Lists movies, sorted by title. Each has at least one show in the city and time span. Shows that were called off do
   * not count.
   */
  async moviesOfCity(cityId: number, span: Span, after: number | null, limit: number): Promise<Movie[]> {
    const rows = await readWithin<MovieRow>(this.pool, expensiveReadMsMax, {
      name: 'catalog-movies-of-city',
      text: `select ${movieJson} as movie from (
          select distinct show.movie_id from cinema join show on show.cinema_id = cinema.id
          where cinema.city_id = $1::bigint and show.called_off_at is null and ${startsInSpan('$2', '$3')}
        ) playing ${joinByKey('movie', 'movie.id = playing.movie_id')}
        where $4::bigint is null or (title, id) > (select title, id from movie where id = $4)
        order by title, id limit $5`,
      values: [cityId, span.from, span.until, after, limit],
    });
    return rows.map(({ movie }) => movie);
  }

  /** Lists a movie's shows in the city and time span, grouped by cinema. The cinemas are sorted by name. */
  async showtimesOfMovie(
    movieId: number,
    cityId: number,
    span: Span,
    after: number | null,
    limit: number,
  ): Promise<{ cinema: Cinema; shows: ShowtimeRow[] }[]> {
    const rows = await readWithin<{ cinema: Cinema; shows: ShowtimeRow[] }>(this.pool, expensiveReadMsMax, {
      name: 'catalog-showtimes-of-movie',
      text: `select ${cinemaJson} as cinema, playing.shows from (
          select show.cinema_id, ${shows}
          from cinema join show on show.cinema_id = cinema.id ${showtimeJoins}
          where cinema.city_id = $2::bigint and show.movie_id = $1::bigint and ${startsInSpan('$3', '$4')}
          group by show.cinema_id
        ) playing ${joinByKey('cinema', 'cinema.id = playing.cinema_id')}
        where $5::bigint is null or (cinema.name, cinema.id) > (select name, id from cinema where id = $5)
        order by cinema.name, cinema.id limit $6`,
      values: [movieId, cityId, span.from, span.until, after, limit],
    });
    return rows;
  }

  /** Lists a cinema's shows in the time span, grouped by movie. The movies are sorted by title. */
  async showtimesOfCinema(
    cinemaId: number,
    span: Span,
    after: number | null,
    limit: number,
  ): Promise<{ movie: Movie; shows: ShowtimeRow[] }[]> {
    const rows = await readWithin<{ movie: Movie; shows: ShowtimeRow[] }>(this.pool, expensiveReadMsMax, {
      name: 'catalog-showtimes-of-cinema',
      text: `select ${movieJson} as movie, playing.shows from (
          select show.movie_id, ${shows} from show ${showtimeJoins}
          where show.cinema_id = $1::bigint and ${startsInSpan('$2', '$3')}
          group by show.movie_id
        ) playing ${joinByKey('movie', 'movie.id = playing.movie_id')}
        where $4::bigint is null or (movie.title, movie.id) > (select title, id from movie where id = $4)
        order by movie.title, movie.id limit $5`,
      values: [cinemaId, span.from, span.until, after, limit],
    });
    return rows;
  }
}
