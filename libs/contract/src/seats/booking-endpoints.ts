import { IdempotencyHeaders } from '../values/idempotency.js';
import { IdParam } from '../values/ids.js';
import { PageQuery, pageSchema } from '../values/pages.js';
import { BookingParams, ShowParams } from '../values/path-params.js';
import { BookingCode } from './booking-code.js';
import { Booking, ReserveBody } from './bookings.js';
import { SeatMapWithCounts } from './seat-map.js';

/** Query of `GET /v1/bookings`. At least one of `showId` and `code` must be given. */
export const BookingsQuery = PageQuery.extend({
  showId: IdParam.optional().meta({ description: 'Required if `code` is absent' }),
  code: BookingCode.optional(),
});

const ofBooking = {
  tag: 'Reservations',
  needsSession: true,
  acceptsBookingLink: true,
  isCacheable: false,
} as const;
const bookingErrors = ['INVALID_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'BUSY'] as const;

/** Endpoints for the seats of a show and for the bookings of a session. */
export const bookingEndpoints = {
  getSeats: {
    method: 'get',
    path: '/v1/shows/{showId}/seats',
    summary: 'Get the seat map snapshot with the number of seats per status',
    tag: 'Reservations',
    params: ShowParams,
    status: 200,
    answer: SeatMapWithCounts,
    needsSession: false,
    isCacheable: true,
    errors: ['INVALID_REQUEST', 'NOT_FOUND', 'BUSY'],
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
      'FORBIDDEN',
      'CHALLENGE_REQUIRED',
      'NOT_ADMITTED',
      'CHALLENGE_REQUIRED',
      'CODE_REQUIRED',
      'NOT_FOUND',
      'SEATS_TAKEN',
      'SHOW_FULL',
      'SINGLE_SEAT_GAP',
      'HOLD_LIMIT',
      'ADDRESS_LIMIT',
      'COOL_DOWN',
      'SALE_CLOSED',
      'KEY_REUSED',
      'INVALID_SEATS',
      'RATE_LIMITED',
      'BUSY',
    ],
  },
  getBooking: {
    ...ofBooking,
    method: 'get',
    path: '/v1/bookings/{bookingId}',
    summary: 'Get one booking',
    params: BookingParams,
    status: 200,
    answer: Booking,
    errors: bookingErrors,
  },
  listBookings: {
    ...ofBooking,
    method: 'get',
    path: '/v1/bookings',
    summary:
      "List the session's bookings of a show, newest first. With `code`, staff get every booking that has this code",
    query: BookingsQuery,
    status: 200,
    answer: pageSchema(Booking),
    errors: bookingErrors,
  },
  revokeBookingLinks: {
    ...ofBooking,
    method: 'delete',
    path: '/v1/bookings/{bookingId}/links',
    summary: 'Revoke all links to the booking that the service has mailed',
    params: BookingParams,
    status: 204,
    answer: null,
    errors: bookingErrors,
  },
  releaseBooking: {
    ...ofBooking,
    method: 'delete',
    path: '/v1/bookings/{bookingId}',
    summary: 'Release a held booking',
    params: BookingParams,
    status: 200,
    answer: Booking,
    errors: ['INVALID_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'BOOKING_STATE', 'BUSY'],
  },
} as const;
