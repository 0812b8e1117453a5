import { Inject, Injectable } from '@nestjs/common';
import type { Cinema, Movie } from '@usher/contract';
import type { Pool } from 'pg';
import { PG_POOL } from '../database/pg-pool.js';
import { cinemaJson, looked, movieJson, type MovieRow, showtimeJson, type ShowtimeRow } from './catalog-rows.js';

/** Shows that begin at or after `from` and before `until` (null: whenever). */
export interface Span {
  readonly from: Date;
  readonly until: Date | null;
}

const inSpan = (from: string, until: string) =>
  `show.starts_at >= ${from}::timestamptz and (${until}::timestamptz is null or show.starts_at < ${until}::timestamptz)`;

/** From a show to all that a line of showtimes says of it. */
const showtimeJoins = `
  ${looked('hall', 'hall.id = show.hall_id')}
  ${looked('layout', 'layout.id = show.layout_id')}`;

const shows = `json_agg(${showtimeJson} order by show.starts_at, show.id) as shows`;

/** Statements on movies and their showtimes. Lists go on after the row `after` (null: from the first). */
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

  /** Movies with a show in the city in the span that was not called off, by title. */
  async moviesOfCity(cityId: number, span: Span, after: number | null, limit: number): Promise<Movie[]> {
    const { rows } = await this.pool.query<MovieRow>({
      name: 'catalog-movies-of-city',
      text: `select ${movieJson} as movie from (
          select distinct show.movie_id from cinema join show on show.cinema_id = cinema.id
          where cinema.city_id = $1::bigint and show.called_off_at is null and ${inSpan('$2', '$3')}
        ) playing ${looked('movie', 'movie.id = playing.movie_id')}
        where $4::bigint is null or (title, id) > (select title, id from movie where id = $4)
        order by title, id limit $5`,
      values: [cityId, span.from, span.until, after, limit],
    });
    return rows.map(({ movie }) => movie);
  }

  /** The movie's shows in the city in the span, by cinema in order of name. */
  async showtimesOfMovie(
    movieId: number,
    cityId: number,
    span: Span,
    after: number | null,
    limit: number,
  ): Promise<{ cinema: Cinema; shows: ShowtimeRow[] }[]> {
    const { rows } = await this.pool.query<{ cinema: Cinema; shows: ShowtimeRow[] }>({
      name: 'catalog-showtimes-of-movie',
      text: `select ${cinemaJson} as cinema, playing.shows from (
          select show.cinema_id, ${shows}
          from cinema join show on show.cinema_id = cinema.id ${showtimeJoins}
          where cinema.city_id = $2::bigint and show.movie_id = $1::bigint and ${inSpan('$3', '$4')}
          group by show.cinema_id
        ) playing ${looked('cinema', 'cinema.id = playing.cinema_id')}
        where $5::bigint is null or (cinema.name, cinema.id) > (select name, id from cinema where id = $5)
        order by cinema.name, cinema.id limit $6`,
      values: [movieId, cityId, span.from, span.until, after, limit],
    });
    return rows;
  }

  /** The cinema's shows in the span, by movie in order of title. */
  async showtimesOfCinema(
    cinemaId: number,
    span: Span,
    after: number | null,
    limit: number,
  ): Promise<{ movie: Movie; shows: ShowtimeRow[] }[]> {
    const { rows } = await this.pool.query<{ movie: Movie; shows: ShowtimeRow[] }>({
      name: 'catalog-showtimes-of-cinema',
      text: `select ${movieJson} as movie, playing.shows from (
          select show.movie_id, ${shows} from show ${showtimeJoins}
          where show.cinema_id = $1::bigint and ${inSpan('$2', '$3')}
          group by show.movie_id
        ) playing ${looked('movie', 'movie.id = playing.movie_id')}
        where $4::bigint is null or (movie.title, movie.id) > (select title, id from movie where id = $4)
        order by movie.title, movie.id limit $5`,
      values: [cinemaId, span.from, span.until, after, limit],
    });
    return rows;
  }
}
