import { endpoints } from '@usher/contract';
import type { RestClient } from '../http/rest-client.js';
import type { Catalog } from './catalog-types.js';

/**
 * Returns the catalog's calls. They add no headers, so that a cache between the client and the service may answer them.
 */
export const createCatalog = (rest: RestClient): Catalog => ({
  cities: (query = {}) => rest.call(endpoints.listCities, {}, { query: { ...query } }),
  city: (cityId) => rest.call(endpoints.getCity, { cityId }),
  search: (query, signal) => rest.call(endpoints.searchMovies, {}, { query: { ...query }, signal }),
  cinemas: (cityId, query = {}) => rest.call(endpoints.listCinemasOfCity, { cityId }, { query: { ...query } }),
  movies: (cityId, query = {}) => rest.call(endpoints.listMoviesOfCity, { cityId }, { query: { ...query } }),
  movie: (movieId) => rest.call(endpoints.getMovie, { movieId }),
  movieShowtimes: (movieId, query) => rest.call(endpoints.listShowtimesOfMovie, { movieId }, { query: { ...query } }),
  cinema: (cinemaId) => rest.call(endpoints.getCinema, { cinemaId }),
  cinemaShowtimes: (cinemaId, query = {}) =>
    rest.call(endpoints.listShowtimesOfCinema, { cinemaId }, { query: { ...query } }),
  show: (showId) => rest.call(endpoints.getShow, { showId }),
  layout: (showId) => rest.call(endpoints.getLayout, { showId }),
  seats: (showId) => rest.call(endpoints.getSeats, { showId }),
});
