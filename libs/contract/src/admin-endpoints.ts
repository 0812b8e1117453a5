import {
  BlocksAnswer,
  BlocksBody,
  CinemaBody,
  CinemaPatch,
  CityBody,
  CityPatch,
  Hall,
  HallBody,
  HallPatch,
  MovieBody,
  MoviePatch,
  ShowBody,
  ShowLogEntry,
  ShowLogQuery,
  ShowPatch,
} from './admin.js';
import { CallOffBody, Cinema, City, Movie, pageSchema, Show } from './catalog.js';
import { IdempotencyHeaders } from './idempotency.js';
import { CinemaParams, CityParams, HallParams, MovieParams, ShowParams } from './params.js';

const administration = { tag: 'Administration', needsSession: false, role: 'admin', isCacheable: false } as const;
const forAdmins = ['INVALID_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'BUSY'] as const;
const create = {
  ...administration,
  method: 'post',
  headers: IdempotencyHeaders,
  status: 201,
  errors: [...forAdmins, 'NOT_FOUND', 'KEY_REUSED'],
} as const;
const change = { ...administration, method: 'patch', status: 200, errors: [...forAdmins, 'NOT_FOUND'] } as const;
const ofShow = { ...administration, params: ShowParams, status: 200 } as const;

/** The endpoints for who has the role `admin`, by the names that their handlers have. */
export const adminEndpoints = {
  createCity: { ...create, path: '/v1/admin/cities', summary: 'Make a city', body: CityBody, answer: City },
  changeCity: {
    ...change,
    path: '/v1/admin/cities/{cityId}',
    summary: 'Change a city',
    params: CityParams,
    body: CityPatch,
    answer: City,
  },
  createCinema: { ...create, path: '/v1/admin/cinemas', summary: 'Make a cinema', body: CinemaBody, answer: Cinema },
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
    summary: 'Make a hall with its layout, in the JSON form or as text',
    body: HallBody,
    answer: Hall,
  },
  changeHall: {
    ...change,
    path: '/v1/admin/halls/{hallId}',
    summary: 'Change a hall; a new layout is for shows that are made later',
    params: HallParams,
    body: HallPatch,
    answer: Hall,
  },
  createMovie: { ...create, path: '/v1/admin/movies', summary: 'Make a movie', body: MovieBody, answer: Movie },
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
    summary: 'Plan a show; two in one hall at one time are refused',
    body: ShowBody,
    answer: Show,
  },
  changeShow: {
    ...change,
    path: '/v1/admin/shows/{showId}',
    summary: 'Change a show; its prices, sale window, rules and waiting room count at once, on every node',
    params: ShowParams,
    body: ShowPatch,
    answer: Show,
  },
  blockSeats: {
    ...ofShow,
    method: 'post',
    path: '/v1/admin/shows/{showId}/blocks',
    summary: 'Take free seats out of the sale, all or none',
    headers: IdempotencyHeaders,
    body: BlocksBody,
    answer: BlocksAnswer,
    errors: [...forAdmins, 'NOT_FOUND', 'SEATS_TAKEN', 'INVALID_SEATS', 'KEY_REUSED'],
  },
  unblockSeats: {
    ...ofShow,
    method: 'delete',
    path: '/v1/admin/shows/{showId}/blocks',
    summary: 'Put blocked seats on sale again; who waits for seats gets them first',
    body: BlocksBody,
    answer: BlocksAnswer,
    errors: [...forAdmins, 'NOT_FOUND', 'INVALID_SEATS'],
  },
  callOffShow: {
    ...ofShow,
    method: 'post',
    path: '/v1/admin/shows/{showId}/call-off',
    summary: 'Call a show off: nothing of it is sold any longer, its holds and its lines end for everybody',
    headers: IdempotencyHeaders,
    body: CallOffBody,
    answer: Show,
    errors: [...forAdmins, 'NOT_FOUND', 'KEY_REUSED'],
  },
  readShowLog: {
    ...ofShow,
    method: 'get',
    path: '/v1/admin/shows/{showId}/log',
    summary: "The show's log, oldest first; `nextCursor` is the next page's `after`",
    query: ShowLogQuery,
    answer: pageSchema(ShowLogEntry),
    errors: [...forAdmins, 'NOT_FOUND'],
  },
} as const;
