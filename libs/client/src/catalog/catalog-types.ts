import type {
  Cinema,
  CinemaShowtimes,
  City,
  FoundMovies,
  Layout,
  Movie,
  MovieShowtimes,
  Page,
  SearchSort,
  SeatMapWithCounts,
  Show,
} from '@usher/contract';

/** The part of a list that a request asks for. */
export interface ListQuery {
  /** Maximum number of items, 1 to 100. The default is 20. */
  limit?: number;
  /** The `nextCursor` of the previous answer. Without it, the list starts at its first item. */
  cursor?: string;
}

/** A {@link ListQuery} that can be limited to one day. */
export interface DayQuery extends ListQuery {
  /** A calendar day in the city, for example `2026-11-23`. Without it, the list covers today and all later days. */
  date?: string;
}

/** The filters of a movie search. A movie must match all of them. */
export interface MovieSearchQuery extends ListQuery {
  /** A title, person or genre. It may be incomplete or misspelt. */
  keyword?: string;
  /** A city's id or name. */
  city?: string | number;
  lat?: number;
  lon?: number;
  radiusKm?: number;
  /** The earliest start of a show, ISO-8601. */
  from?: string;
  /** The latest start of a show, ISO-8601. */
  to?: string;
  postalCode?: string;
  /** With `'false'`, a misspelt keyword finds nothing. The default is `'true'`. */
  spellcheck?: 'true' | 'false';
  /** The order of the results. `distance` needs `lat` and `lon`. */
  sort?: SearchSort;
}

/**
 * Calls that read the catalog over REST. They do not receive later changes. Every call rejects with {@link UsherError},
 * for example with `NOT_FOUND`.
 */
export interface Catalog {
  /** Reads cities. @param query `q` is a part of the city's name, and `country` is an ISO-3166 alpha-2 code */
  cities(query?: ListQuery & { q?: string; country?: string }): Promise<Page<City>>;
  /** Reads one city. */
  city(cityId: number): Promise<City>;
  /**
   * Searches the movies that have an upcoming show. If the server corrected the keyword, `didYouMean` has the corrected
   * one.
   */
  search(query: MovieSearchQuery, signal?: AbortSignal): Promise<FoundMovies>;
  /** Reads the cinemas of a city. */
  cinemas(cityId: number, query?: ListQuery): Promise<Page<Cinema>>;
  /** Reads the movies that play in a city. */
  movies(cityId: number, query?: DayQuery): Promise<Page<Movie>>;
  /** Reads one movie. */
  movie(movieId: number): Promise<Movie>;
  /** Reads a movie's shows in a city, grouped by cinema. */
  movieShowtimes(movieId: number, query: DayQuery & { cityId: number }): Promise<Page<CinemaShowtimes>>;
  /** Reads one cinema. */
  cinema(cinemaId: number): Promise<Cinema>;
  /** Reads a cinema's shows, grouped by movie. */
  cinemaShowtimes(cinemaId: number, query?: DayQuery): Promise<Page<MovieShowtimes>>;
  /** Reads one show: movie, cinema, hall, times, price tiers, sale window. */
  show(showId: number): Promise<Show>;
  /**
   * Reads the hall's layout. A seat's number is its position in `seats`. The layout with a given `layoutId` never
   * changes.
   */
  layout(showId: number): Promise<Layout>;
  /** Reads a show's seat map once. {@link Usher.openShow} keeps a seat map up to date. */
  seats(showId: number): Promise<SeatMapWithCounts>;
}
