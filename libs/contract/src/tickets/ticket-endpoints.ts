import { IdempotencyHeaders } from '../values/idempotency.js';
import { pageSchema } from '../values/pages.js';
import { BookingParams } from '../values/path-params.js';
import { TicketKey, TicketKeyParams, TicketKeys } from './ticket-keys.js';
import { Ticket, TicketParams, TicketsQuery, WalletLink } from './tickets.js';

const ofBooking = { needsSession: true, acceptsBookingLink: true, isCacheable: false, tag: 'Tickets' } as const;
const forAdmins = { role: 'admin', needsSession: false, isCacheable: false, tag: 'Administration' } as const;
const errors = ['INVALID_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'BUSY'] as const;
const ticketErrors = [...errors, 'NOT_FOUND', 'BOOKING_STATE'] as const;

/** Endpoints for the tickets of a booking and for the keys that sign their codes. */
export const ticketEndpoints = {
  listTickets: {
    ...ofBooking,
    method: 'get',
    path: '/v1/bookings/{bookingId}/tickets',
    summary: 'Get the tickets of a booked booking. `Accept` selects JSON, a PDF to print, or a calendar file',
    params: BookingParams,
    query: TicketsQuery,
    status: 200,
    answer: pageSchema(Ticket),
    documents: ['application/pdf', 'text/calendar'],
    errors: ticketErrors,
  },
  getAppleWalletPass: {
    ...ofBooking,
    method: 'get',
    path: '/v1/bookings/{bookingId}/tickets/{ticketId}/wallet/apple',
    summary:
      'Get a ticket as an Apple Wallet pass. The answer is `NOT_FOUND` if the operator has no key for Apple Wallet',
    params: TicketParams,
    status: 200,
    answer: null,
    documents: ['application/vnd.apple.pkpass'],
    errors: ticketErrors,
  },
  getGoogleWalletLink: {
    ...ofBooking,
    method: 'get',
    path: '/v1/bookings/{bookingId}/tickets/{ticketId}/wallet/google',
    summary:
      'Get the link that saves a ticket to Google Wallet. The answer is `NOT_FOUND` if the operator has no key for Google Wallet',
    params: TicketParams,
    status: 200,
    answer: WalletLink,
    errors: ticketErrors,
  },
  getTicketKeys: {
    method: 'get',
    path: '/v1/tickets/keys',
    summary: 'Get the public keys that verify ticket codes (JWKS)',
    tag: 'Tickets',
    status: 200,
    answer: TicketKeys,
    needsSession: false,
    isCacheable: true,
    errors: ['BUSY'],
  },
  rotateTicketKey: {
    ...forAdmins,
    method: 'post',
    path: '/v1/admin/ticket-keys',
    summary: 'Create a new key, which signs all new codes. Codes that older keys signed stay valid',
    headers: IdempotencyHeaders,
    status: 201,
    answer: TicketKey,
    errors: [...errors, 'KEY_REUSED'],
  },
  revokeTicketKey: {
    ...forAdmins,
    method: 'delete',
    path: '/v1/admin/ticket-keys/{kid}',
    summary:
      'Revoke a key that has leaked. From now on, codes that it signed count as forged, and buyers must fetch new codes',
    params: TicketKeyParams,
    status: 204,
    answer: null,
    errors: [...errors, 'NOT_FOUND'],
  },
} as const;
