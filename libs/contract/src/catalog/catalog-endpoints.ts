import { Layout } from '../layouts/layout.js';
import { PageQuery, pageSchema } from '../values/pages.js';
import { CinemaParams, CityParams, MovieParams, ShowParams } from '../values/path-params.js';
import { CityMoviesQuery, Movie } from './movies.js';
import { Cinema, CitiesQuery, City } from './places.js';
import { FoundMovies, SearchQuery } from './search.js';
import { Show } from './shows.js';
import { CinemaShowtimes, CinemaShowtimesQuery, MovieShowtimes, MovieShowtimesQuery } from './showtimes.js';

const read = { method: 'get', status: 200, needsSession: false, isCacheable: true, tag: 'Catalog' } as const;
const errors = ['INVALID_REQUEST', 'NOT_FOUND', 'BUSY'] as const;

/** Endpoints that read the catalog. */
export const catalogEndpoints = {
  listCities: {
    ...read,
    path: '/v1/cities',
    summary: 'List the cities',
    query: CitiesQuery,
    answer: pageSchema(City),
    errors: ['INVALID_REQUEST', 'BUSY'],
  },
  getCity: {
    ...read,
    path: '/v1/cities/{cityId}',
    summary: 'Get one city',
    params: CityParams,
    answer: City,
    errors,
  },
  listCinemasOfCity: {
    ...read,
    path: '/v1/cities/{cityId}/cinemas',
    summary: 'List the partner cinemas of a city',
    params: CityParams,
    query: PageQuery,
    answer: pageSchema(Cinema),
    errors,
  },
  listMoviesOfCity: {
    ...read,
    path: '/v1/cities/{cityId}/movies',
    summary: 'List the movies that play in a city',
    params: CityParams,
    query: CityMoviesQuery,
    answer: pageSchema(Movie),
    errors,
  },
  searchMovies: {
    ...read,
    path: '/v1/movies/search',
    summary: 'Search movies by keyword, place and time',
    query: SearchQuery,
    answer: FoundMovies,
    errors: ['INVALID_REQUEST', 'BUSY'],
  },
  getMovie: {
    ...read,
    path: '/v1/movies/{movieId}',
    summary: 'Get one movie',
    params: MovieParams,
    answer: Movie,
    errors,
  },
  listShowtimesOfMovie: {
    ...read,
    path: '/v1/movies/{movieId}/showtimes',
    summary: 'List the shows of a movie in a city, grouped by cinema',
    params: MovieParams,
    query: MovieShowtimesQuery,
    answer: pageSchema(CinemaShowtimes),
    errors,
  },
  getCinema: {
    ...read,
    path: '/v1/cinemas/{cinemaId}',
    summary: 'Get one cinema',
    params: CinemaParams,
    answer: Cinema,
    errors,
  },
  listShowtimesOfCinema: {
    ...read,
    path: '/v1/cinemas/{cinemaId}/showtimes',
    summary: 'List the shows of a cinema, grouped by movie',
    params: CinemaParams,
    query: CinemaShowtimesQuery,
    answer: pageSchema(MovieShowtimes),
    errors,
  },
  getShow: {
    ...read,
    path: '/v1/shows/{showId}',
    summary: 'Get one show: movie, cinema, hall, times, price tiers, sale window, seat counts',
    params: ShowParams,
    answer: Show,
    errors,
  },
  getLayout: {
    ...read,
    path: '/v1/shows/{showId}/layout',
    summary: "Get the hall's layout. A layout never changes, so a client may cache it forever by its `layoutId`",
    params: ShowParams,
    answer: Layout,
    errors,
  },
} as const;
