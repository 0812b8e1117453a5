import { z } from 'zod';
import { adminEndpoints } from './admin-endpoints.js';
import { BookingCode } from './booking-code.js';
import { Booking, ReserveBody } from './bookings.js';
import {
  Cinema,
  CinemaShowtimes,
  CinemaShowtimesQuery,
  CitiesQuery,
  City,
  CityMoviesQuery,
  Layout,
  Movie,
  MovieShowtimes,
  MovieShowtimesQuery,
  pageSchema,
  PageQuery,
  Show,
} from './catalog.js';
import type { Role } from './api-keys.js';
import { paymentEndpoints } from './endpoints-payments.js';
import { ticketEndpoints } from './endpoints-tickets.js';
import type { ErrorCode } from './errors.js';
import { IdempotencyHeaders } from './idempotency.js';
import { BookingParams, CinemaParams, CityParams, MovieParams, ShowParams } from './params.js';
import { IdParam } from './primitives.js';
import {
  ProofQuery,
  PushKey,
  PushSubscription,
  Queue,
  QueueBody,
  QueueParams,
  QueueProof,
  QueueQuery,
} from './queue.js';
import { queueOutcomeHeader, QueueOutcomeType, QueueWithOutcome } from './queue-outcome.js';
import { FoundMovies, SearchQuery } from './search.js';
import { SeatMapWithCounts } from './seat-map.js';
import { Session } from './sessions.js';

/** One REST endpoint: everything its page in the API document says. */
export interface Endpoint {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** In OpenAPI's form, e.g. `/v1/cities/{cityId}`. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly status: 200 | 201 | 204;
  /** Null: there is no body (204), or only {@link documents}. */
  readonly answer: z.ZodType | null;
  /** Another shape of the answer, which the query asks for. */
  readonly requestedAnswer?: z.ZodType;
  /** Headers of the answer, with what each says. */
  readonly answerHeaders?: Readonly<Record<string, string>>;
  /** Media types of the answer beside JSON. */
  readonly documents?: readonly string[];
  /** Answers of other statuses that are no errors of the call, by status. */
  readonly otherAnswers?: Readonly<Record<number, z.ZodType>>;
  /** Whether `Authorization: Bearer …` is needed. */
  readonly needsSession: boolean;
  /** Whether the token of a booking link, or an `X-Api-Key` with the role `staff`, is accepted instead of a session. */
  readonly acceptsBookingLink?: true;
  /** The role that the API key in `X-Api-Key` must have. Absent if the call needs no API key. */
  readonly role?: Role;
  /** Carries `ETag` and `Cache-Control` and answers `If-None-Match` with 304. */
  readonly isCacheable: boolean;
  readonly errors: readonly ErrorCode[];
}

/** `GET /v1/bookings`. */
export const BookingsQuery = PageQuery.extend({
  showId: IdParam.optional().meta({ description: 'Needed without `code`' }),
  code: BookingCode.optional(),
});

const catalogRead = { method: 'get', status: 200, needsSession: false, isCacheable: true, tag: 'Catalog' } as const;
const lookUp = ['INVALID_REQUEST', 'NOT_FOUND', 'BUSY'] as const;

const ofSession = ['INVALID_REQUEST', 'UNAUTHENTICATED'] as const;
const line = {
  path: '/v1/shows/{showId}/queue',
  tag: 'Queue',
  params: QueueParams,
  needsSession: true,
  isCacheable: false,
} as const;
const push = {
  path: '/v1/push/subscriptions',
  tag: 'Push',
  body: PushSubscription,
  needsSession: true,
  isCacheable: false,
  errors: [...ofSession, 'BUSY'],
} as const;

/** Every REST endpoint of this version, by the name its handler has. */
export const endpoints = {
  createSession: {
    method: 'post',
    path: '/v1/sessions',
    summary:
      'Begin an anonymous session. A call with the valid token of a session renews it: the answer has the same ' +
      '`sessionId` and a fresh token',
    tag: 'Sessions',
    status: 201,
    answer: Session,
    needsSession: false,
    isCacheable: false,
    errors: [],
  },
  listCities: {
    ...catalogRead,
    path: '/v1/cities',
    summary: 'Cities',
    query: CitiesQuery,
    answer: pageSchema(City),
    errors: ['INVALID_REQUEST', 'BUSY'],
  },
  getCity: {
    ...catalogRead,
    path: '/v1/cities/{cityId}',
    summary: 'One city',
    params: CityParams,
    answer: City,
    errors: lookUp,
  },
  listCinemasOfCity: {
    ...catalogRead,
    path: '/v1/cities/{cityId}/cinemas',
    summary: 'The partner cinemas of a city',
    params: CityParams,
    query: PageQuery,
    answer: pageSchema(Cinema),
    errors: lookUp,
  },
  listMoviesOfCity: {
    ...catalogRead,
    path: '/v1/cities/{cityId}/movies',
    summary: 'Movies playing in a city',
    params: CityParams,
    query: CityMoviesQuery,
    answer: pageSchema(Movie),
    errors: lookUp,
  },
  searchMovies: {
    ...catalogRead,
    path: '/v1/movies/search',
    summary: 'Search movies by keyword, place and time',
    query: SearchQuery,
    answer: FoundMovies,
    errors: ['INVALID_REQUEST', 'BUSY'],
  },
  getMovie: {
    ...catalogRead,
    path: '/v1/movies/{movieId}',
    summary: 'One movie',
    params: MovieParams,
    answer: Movie,
    errors: lookUp,
  },
  listShowtimesOfMovie: {
    ...catalogRead,
    path: '/v1/movies/{movieId}/showtimes',
    summary: "A movie's shows in a city, by cinema",
    params: MovieParams,
    query: MovieShowtimesQuery,
    answer: pageSchema(CinemaShowtimes),
    errors: lookUp,
  },
  getCinema: {
    ...catalogRead,
    path: '/v1/cinemas/{cinemaId}',
    summary: 'One cinema',
    params: CinemaParams,
    answer: Cinema,
    errors: lookUp,
  },
  listShowtimesOfCinema: {
    ...catalogRead,
    path: '/v1/cinemas/{cinemaId}/showtimes',
    summary: "A cinema's shows, by movie",
    params: CinemaParams,
    query: CinemaShowtimesQuery,
    answer: pageSchema(MovieShowtimes),
    errors: lookUp,
  },
  getShow: {
    ...catalogRead,
    path: '/v1/shows/{showId}',
    summary: 'One show: movie, cinema, hall, times, price tiers, sale window, seat counts',
    params: ShowParams,
    answer: Show,
    errors: lookUp,
  },
  getLayout: {
    ...catalogRead,
    path: '/v1/shows/{showId}/layout',
    summary: "The hall's layout; immutable, cache for ever by layoutId",
    params: ShowParams,
    answer: Layout,
    errors: lookUp,
  },
  getSeats: {
    ...catalogRead,
    tag: 'Reservations',
    path: '/v1/shows/{showId}/seats',
    summary: 'The seat map snapshot with counts by status',
    params: ShowParams,
    answer: SeatMapWithCounts,
    errors: lookUp,
  },
  createReservation: {
    method: 'post',
    path: '/v1/shows/{showId}/reservations',
    summary: 'Hold one to ten seats, all or none',
    tag: 'Reservations',
    params: ShowParams,
    headers: IdempotencyHeaders,
    body: ReserveBody,
    status: 201,
    answer: Booking,
    needsSession: true,
    isCacheable: false,
    errors: [
      'INVALID_REQUEST',
      'UNAUTHENTICATED',
      'NOT_ADMITTED',
      'NOT_FOUND',
      'SEATS_TAKEN',
      'SHOW_FULL',
      'SINGLE_SEAT_GAP',
      'HOLD_LIMIT',
      'SALE_CLOSED',
      'KEY_REUSED',
      'INVALID_SEATS',
      'RATE_LIMITED',
      'BUSY',
    ],
  },
  getBooking: {
    method: 'get',
    path: '/v1/bookings/{bookingId}',
    summary: 'One booking',
    acceptsBookingLink: true,
    tag: 'Reservations',
    params: BookingParams,
    status: 200,
    answer: Booking,
    needsSession: true,
    isCacheable: false,
    errors: ['INVALID_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'BUSY'],
  },
  listBookings: {
    method: 'get',
    path: '/v1/bookings',
    summary: "The session's bookings of a show; for staff, with `code`, every booking that has the code; newest first",
    acceptsBookingLink: true,
    tag: 'Reservations',
    query: BookingsQuery,
    status: 200,
    answer: pageSchema(Booking),
    needsSession: true,
    isCacheable: false,
    errors: ['INVALID_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'BUSY'],
  },
  revokeBookingLinks: {
    method: 'delete',
    path: '/v1/bookings/{bookingId}/links',
    summary: 'Revoke the links to the booking that were mailed so far',
    acceptsBookingLink: true,
    tag: 'Reservations',
    params: BookingParams,
    status: 204,
    answer: null,
    needsSession: true,
    isCacheable: false,
    errors: ['INVALID_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'BUSY'],
  },
  releaseBooking: {
    method: 'delete',
    path: '/v1/bookings/{bookingId}',
    summary: 'Give a held booking back',
    acceptsBookingLink: true,
    tag: 'Reservations',
    params: BookingParams,
    status: 200,
    answer: Booking,
    needsSession: true,
    isCacheable: false,
    errors: ['INVALID_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'BOOKING_STATE', 'BUSY'],
  },
  joinQueue: {
    ...line,
    method: 'post',
    summary: "Stand in the show's line; joining again answers the same place",
    headers: IdempotencyHeaders,
    body: QueueBody,
    status: 201,
    answer: Queue,
    errors: [...ofSession, 'NOT_FOUND', 'INVALID_SEATS', 'HOLD_LIMIT', 'SALE_CLOSED', 'KEY_REUSED', 'BUSY'],
  },
  getQueue: {
    ...line,
    method: 'get',
    summary: "The session's place in line or null; with `wait` held open until something changes",
    query: QueueQuery,
    status: 200,
    answer: Queue.nullable(),
    requestedAnswer: QueueWithOutcome,
    answerHeaders: { [queueOutcomeHeader]: `What became of the wait: ${QueueOutcomeType.options.join(', ')}` },
    errors: [...ofSession, 'NOT_FOUND', 'BUSY'],
  },
  leaveQueue: {
    ...line,
    method: 'delete',
    summary: "Leave the show's line, or the show where entry is metered",
    status: 200,
    answer: z.object({}),
    errors: [...ofSession, 'NOT_FOUND', 'BUSY'],
  },
  getQueueProof: {
    method: 'get',
    path: '/v1/shows/{showId}/queue/proof',
    summary: "The line's proof: its keys and the hash chain of what happened to it",
    tag: 'Queue',
    params: QueueParams,
    query: ProofQuery,
    status: 200,
    answer: QueueProof,
    needsSession: false,
    isCacheable: false,
    errors: lookUp,
  },
  getPushKey: {
    method: 'get',
    path: '/v1/push/key',
    summary: 'The VAPID key that a browser subscribes with',
    tag: 'Push',
    status: 200,
    answer: PushKey,
    needsSession: false,
    isCacheable: false,
    errors: ['BUSY'],
  },
  subscribePush: {
    ...push,
    method: 'post',
    summary: "Push this session's offers and admissions to a browser",
    headers: IdempotencyHeaders,
    status: 201,
    answer: PushSubscription,
    errors: [...push.errors, 'KEY_REUSED'],
  },
  unsubscribePush: { ...push, method: 'delete', summary: 'Push to this browser no longer', status: 204, answer: null },
  ...adminEndpoints,
  ...paymentEndpoints,
  ...ticketEndpoints,
} as const satisfies Record<string, Endpoint>;
export type EndpointName = keyof typeof endpoints;
