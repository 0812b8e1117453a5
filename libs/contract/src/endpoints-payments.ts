import { z } from 'zod';
import { Booking } from './bookings.js';
import { pageSchema } from './catalog.js';
import { IdempotencyHeaders } from './idempotency.js';
import { Payment, PaymentBody, PaymentParams, PaymentWebhookParams, Refund, RefundBody } from './payments.js';
import { Uuid } from './primitives.js';

const ofBooking = z.object({ bookingId: Uuid });
const common = { tag: 'Payments', isCacheable: false } as const;
const errors = ['INVALID_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'BUSY'] as const;

/** Endpoints of paying, by the names of their handlers. */
export const paymentEndpoints = {
  startPayment: {
    ...common,
    method: 'post',
    path: '/v1/bookings/{bookingId}/payments',
    summary: 'Start paying: the hold lasts longer, once',
    params: ofBooking,
    headers: IdempotencyHeaders,
    body: PaymentBody,
    status: 201,
    answer: Payment,
    needsSession: true,
    errors: [...errors, 'BOOKING_STATE', 'SALE_CLOSED', 'KEY_REUSED', 'RATE_LIMITED'],
  },
  getPayment: {
    ...common,
    method: 'get',
    path: '/v1/payments/{paymentId}',
    summary: 'One payment of the session',
    params: PaymentParams,
    status: 200,
    answer: Payment,
    needsSession: true,
    errors,
  },
  refundBooking: {
    ...common,
    method: 'post',
    path: '/v1/bookings/{bookingId}/refunds',
    summary: "Refund a booked one, whole or some of its seats: the buyer by the show's rule, staff by X-Api-Key always",
    params: ofBooking,
    headers: IdempotencyHeaders,
    body: RefundBody,
    status: 200,
    answer: Booking,
    needsSession: true,
    acceptsBookingLink: true,
    errors: [...errors, 'BOOKING_STATE', 'INVALID_SEATS', 'KEY_REUSED'],
  },
  listRefunds: {
    ...common,
    method: 'get',
    path: '/v1/bookings/{bookingId}/refunds',
    summary: "A booking's refunds, oldest first. A booking has few, so one page has them all",
    params: ofBooking,
    status: 200,
    answer: pageSchema(Refund),
    needsSession: true,
    acceptsBookingLink: true,
    errors,
  },
  receivePaymentWebhook: {
    ...common,
    method: 'post',
    path: '/v1/payments/webhooks/{provider}',
    summary: "The payment provider's signed call",
    params: PaymentWebhookParams,
    status: 200,
    answer: z.object({}),
    needsSession: false,
    errors: ['UNAUTHENTICATED', 'NOT_FOUND', 'BUSY'],
  },
} as const;
