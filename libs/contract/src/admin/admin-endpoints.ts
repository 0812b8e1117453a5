import { Movie } from '../catalog/movies.js';
import { Cinema, City } from '../catalog/places.js';
import { Show } from '../catalog/shows.js';
import { IdempotencyHeaders } from '../values/idempotency.js';
import { pageSchema } from '../values/pages.js';
import { CinemaParams, CityParams, HallParams, MovieParams, ShowParams } from '../values/path-params.js';
import {
  CinemaBody,
  CinemaPatch,
  CityBody,
  CityPatch,
  Hall,
  HallBody,
  HallPatch,
  MovieBody,
  MoviePatch,
} from './catalog-bodies.js';
import { BlocksAnswer, BlocksBody } from './seat-blocks.js';
import { CallOffBody, ShowBody, ShowPatch } from './show-bodies.js';
import { ShowLogEntry, ShowLogQuery } from './show-log.js';

const forAdmins = { tag: 'Administration', needsSession: false, role: 'admin', isCacheable: false } as const;
const errors = ['INVALID_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'BUSY'] as const;
const create = {
  ...forAdmins,
  method: 'post',
  headers: IdempotencyHeaders,
  status: 201,
  errors: [...errors, 'NOT_FOUND', 'KEY_REUSED'],
} as const;
const change = { ...forAdmins, method: 'patch', status: 200, errors: [...errors, 'NOT_FOUND'] } as const;
const ofShow = { ...forAdmins, params: ShowParams, status: 200 } as const;

/** Endpoints that change the catalog and the shows. They need an API key with the role `admin`. */
export const adminEndpoints = {
  createCity: { ...create, path: '/v1/admin/cities', summary: 'Create a city', body: CityBody, answer: City },
  changeCity: {
    ...change,
    path: '/v1/admin/cities/{cityId}',
    summary: 'Change a city',
    params: CityParams,
    body: CityPatch,
    answer: City,
  },
  createCinema: { ...create, path: '/v1/admin/cinemas', summary: 'Create a cinema', body: CinemaBody, answer: Cinema },
  changeCinema: {
    ...change,
    path: '/v1/admin/cinemas/{cinemaId}',
    summary: 'Change a cinema',
    params: CinemaParams,
    body: CinemaPatch,
    answer: Cinema,
  },
  createHall: {
    ...create,
    path: '/v1/admin/halls',
    summary: 'Create a hall. Its layout is given as JSON or as text',
    body: HallBody,
    answer: Hall,
  },
  changeHall: {
    ...change,
    path: '/v1/admin/halls/{hallId}',
    summary: 'Change a hall. A new layout applies to shows that are created later',
    params: HallParams,
    body: HallPatch,
    answer: Hall,
  },
  createMovie: { ...create, path: '/v1/admin/movies', summary: 'Create a movie', body: MovieBody, answer: Movie },
  changeMovie: {
    ...change,
    path: '/v1/admin/movies/{movieId}',
    summary: 'Change a movie',
    params: MovieParams,
    body: MoviePatch,
    answer: Movie,
  },
  createShow: {
    ...create,
    path: '/v1/admin/shows',
    summary: 'Create a show. The request is refused if another show uses the hall at the same time',
    body: ShowBody,
    answer: Show,
  },
  changeShow: {
    ...change,
    path: '/v1/admin/shows/{showId}',
    summary: 'Change a show. Changes to prices, sale window, rules and waiting room take effect at once on every node',
    params: ShowParams,
    body: ShowPatch,
    answer: Show,
  },
  blockSeats: {
    ...ofShow,
    method: 'post',
    path: '/v1/admin/shows/{showId}/blocks',
    summary: 'Block free seats, so that nobody can buy them. Either all of the given seats are blocked or none',
    headers: IdempotencyHeaders,
    body: BlocksBody,
    answer: BlocksAnswer,
    errors: [...errors, 'NOT_FOUND', 'SEATS_TAKEN', 'INVALID_SEATS', 'KEY_REUSED'],
  },
  unblockSeats: {
    ...ofShow,
    method: 'delete',
    path: '/v1/admin/shows/{showId}/blocks',
    summary: 'Put blocked seats on sale again. Buyers in the line for seats get them first',
    body: BlocksBody,
    answer: BlocksAnswer,
    errors: [...errors, 'NOT_FOUND', 'INVALID_SEATS'],
  },
  callOffShow: {
    ...ofShow,
    method: 'post',
    path: '/v1/admin/shows/{showId}/call-off',
    summary: 'Call a show off. Its sale, its holds and its lines end at once',
    headers: IdempotencyHeaders,
    body: CallOffBody,
    answer: Show,
    errors: [...errors, 'NOT_FOUND', 'KEY_REUSED'],
  },
  readShowLog: {
    ...ofShow,
    method: 'get',
    path: '/v1/admin/shows/{showId}/log',
    summary: 'Read the log of a show, oldest entry first. `nextCursor` is the `after` of the next page',
    query: ShowLogQuery,
    answer: pageSchema(ShowLogEntry),
    errors: [...errors, 'NOT_FOUND'],
  },
} as const;
