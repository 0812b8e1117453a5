import { Injectable } from '@nestjs/common';
import type { Cinema, CinemaShowtimes, City, Movie, MovieShowtimes, Page, PageQuery } from '@usher/contract';
import { createNotFoundError } from '../common/domain-error.js';
import { DatabaseClock } from '../database/database-clock.js';
import { toShowtime } from './catalog-rows.js';
import { decodeCursor, pageOf } from './cursor.js';
import { foldText } from './fold-text.js';
import { localDay, localDayBounds } from '../common/local-time.js';
import { MoviesRepository, type Span } from './movies.repository.js';
import { PlacesRepository } from './places.repository.js';

/** Reads the lists that a buyer chooses from: cities, cinemas, movies and showtimes. */
@Injectable()
export class ListingsService {
  constructor(
    private readonly places: PlacesRepository,
    private readonly movies: MoviesRepository,
    private readonly clock: DatabaseClock,
  ) {}

  /** Lists cities, sorted by name. @param filter `q` matches any part of the name and ignores case and accents */
  async cities(filter: { q?: string | undefined; country?: string | undefined }, page: PageQuery): Promise<Page<City>> {
    const q = foldText(filter.q ?? '');
    const country = filter.country?.toUpperCase();
    const query = ['cities', q, country];
    const after = decodeCursor(query, page.cursor);
    const rows = await this.places.cities(q === '' ? null : q, country ?? null, after, page.limit + 1);
    return pageOf(rows, page.limit, query, ({ cityId }) => cityId);
  }

  /** Lists a city's cinemas, sorted by name. @throws DomainError `NOT_FOUND` */
  async cinemasOfCity(cityId: number, page: PageQuery): Promise<Page<Cinema>> {
    const query = ['cinemas', cityId];
    const after = decodeCursor(query, page.cursor);
    await this.city(cityId);
    const rows = await this.places.cinemasOfCity(cityId, after, page.limit + 1);
    return pageOf(rows, page.limit, query, ({ cinemaId }) => cinemaId);
  }

  /** @throws DomainError `NOT_FOUND` */
  async cinema(cinemaId: number): Promise<Cinema> {
    const cinema = await this.places.cinema(cinemaId);
    if (!cinema) throw createNotFoundError('cinema');
    return cinema;
  }

  /** @throws DomainError `NOT_FOUND` if one of the cinemas does not exist */
  async requireCinemas(cinemaIds: readonly number[]): Promise<void> {
    if (await this.places.isCinemaMissing(cinemaIds)) throw createNotFoundError('cinema');
  }

  /** @throws DomainError `NOT_FOUND` */
  async movie(movieId: number): Promise<Movie> {
    const movie = await this.movies.movie(movieId);
    if (!movie) throw createNotFoundError('movie');
    return movie;
  }

  /**
   * Lists the movies that have upcoming shows in a city, sorted by title. Shows that have started do not count.
   *
   * @param date a calendar day of the city; undefined means today and all later days
   * @throws DomainError `NOT_FOUND`
   */
  async moviesOfCity(cityId: number, date: string | undefined, page: PageQuery): Promise<Page<Movie>> {
    const query = ['movies', cityId, date];
    const after = decodeCursor(query, page.cursor);
    const { timeZone } = await this.city(cityId);
    const { from, until } = this.span(date, timeZone);
    const coming = { from: new Date(Math.max(from.getTime(), this.clock.now())), until };
    const rows = await this.movies.moviesOfCity(cityId, coming, after, page.limit + 1);
    return pageOf(rows, page.limit, query, ({ movieId }) => movieId);
  }

  /**
   * Lists a movie's shows in a city, grouped by cinema. Shows of the day that have already started are included.
   *
   * @param date see {@link moviesOfCity}
   * @throws DomainError `NOT_FOUND`
   */
  async showtimesOfMovie(
    movieId: number,
    cityId: number,
    date: string | undefined,
    page: PageQuery,
  ): Promise<Page<CinemaShowtimes>> {
    const query = ['showtimes of movie', movieId, cityId, date];
    const after = decodeCursor(query, page.cursor);
    const [{ timeZone }] = await Promise.all([this.city(cityId), this.movie(movieId)]);
    const span = this.span(date, timeZone);
    const rows = await this.movies.showtimesOfMovie(movieId, cityId, span, after, page.limit + 1);
    const { items, nextCursor } = pageOf(rows, page.limit, query, ({ cinema }) => cinema.cinemaId);
    const now = this.clock.now();
    return {
      items: items.map(({ cinema, shows }) => ({ cinema, shows: shows.map((show) => toShowtime(show, now)) })),
      nextCursor,
    };
  }

  /** Lists a cinema's shows, grouped by movie. For `date` see {@link moviesOfCity}. @throws DomainError `NOT_FOUND` */
  async showtimesOfCinema(cinemaId: number, date: string | undefined, page: PageQuery): Promise<Page<MovieShowtimes>> {
    const query = ['showtimes of cinema', cinemaId, date];
    const after = decodeCursor(query, page.cursor);
    const { timeZone } = await this.cinema(cinemaId);
    const rows = await this.movies.showtimesOfCinema(cinemaId, this.span(date, timeZone), after, page.limit + 1);
    const { items, nextCursor } = pageOf(rows, page.limit, query, ({ movie }) => movie.movieId);
    const now = this.clock.now();
    return {
      items: items.map(({ movie, shows }) => ({ movie, shows: shows.map((show) => toShowtime(show, now)) })),
      nextCursor,
    };
  }

  /** @throws DomainError `NOT_FOUND` */
  async city(cityId: number): Promise<City> {
    const city = await this.places.city(cityId);
    if (!city) throw createNotFoundError('city');
    return city;
  }

  private span(date: string | undefined, timeZone: string): Span {
    const today = localDay(new Date(this.clock.now()), timeZone);
    const { from, until } = localDayBounds(date === undefined ? today : withinCalendar(date), timeZone);
    return { from, until: date === undefined ? null : until };
  }
}

/**
 * Clamps a day to the range in which `Date`, `Intl` and PostgreSQL agree about the year. No show is outside this range.
 */
function withinCalendar(day: string): string {
  const first = '1900-01-01';
  const last = '9990-12-31';
  if (day < first) return first;
  return day > last ? last : day;
}
