import { z } from 'zod';
import { Booking } from '../seats/bookings.js';
import { IdempotencyHeaders } from '../values/idempotency.js';
import { pageSchema } from '../values/pages.js';
import { BookingParams } from '../values/path-params.js';
import { Payment, PaymentBody, PaymentParams, PaymentWebhookParams } from './payments.js';
import { Refund, RefundBody } from './refunds.js';

const common = { tag: 'Payments', isCacheable: false } as const;
const errors = ['INVALID_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'BUSY'] as const;

/** Endpoints for payments and refunds. */
export const paymentEndpoints = {
  startPayment: {
    ...common,
    method: 'post',
    path: '/v1/bookings/{bookingId}/payments',
    summary: "Start a payment. The first payment of a booking extends the booking's hold, and later payments do not",
    params: BookingParams,
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
    summary: 'Get one payment of the session',
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
    summary:
      "Refund a booked booking or some of its seats. For buyers, the show's refund rule applies. Staff with an `X-Api-Key` " +
      'can always refund',
    params: BookingParams,
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
    summary: 'List the refunds of a booking, oldest first. A booking has few refunds, so one page contains all of them',
    params: BookingParams,
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
    summary: 'Receive a signed webhook from the payment provider',
    params: PaymentWebhookParams,
    status: 200,
    answer: z.object({}),
    needsSession: false,
    errors: ['UNAUTHENTICATED', 'NOT_FOUND', 'BUSY'],
  },
} as const;
