import { IdempotencyHeaders } from '../values/idempotency.js';
import { PageQuery, pageSchema } from '../values/pages.js';
import { BookingParams } from '../values/path-params.js';
import { BookingContact, BookingContactBody, Mail, MailParams, MailsQuery, MailWithText } from './mails.js';
import { PushKey, PushSubscription } from './push.js';
import {
  WebhookDeliveriesQuery,
  WebhookDelivery,
  WebhookEndpoint,
  WebhookEndpointBody,
  WebhookEndpointMade,
  WebhookEndpointParams,
  WebhookReplayBody,
  WebhookReplayed,
} from './webhooks.js';

const forAdmins = { role: 'admin', needsSession: false, isCacheable: false, tag: 'Administration' } as const;
const forPartners = { role: 'partner', needsSession: false, isCacheable: false, tag: 'Partners' } as const;
const errors = ['INVALID_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'BUSY'] as const;
const push = {
  path: '/v1/push/subscriptions',
  tag: 'Push',
  body: PushSubscription,
  needsSession: true,
  isCacheable: false,
} as const;
const pushErrors = ['INVALID_REQUEST', 'UNAUTHENTICATED', 'BUSY'] as const;

/** Endpoints for mails to buyers, Web Push and webhooks. */
export const notificationEndpoints = {
  setBookingContact: {
    method: 'put',
    path: '/v1/bookings/{bookingId}/contact',
    summary:
      'Set the address to which the service mails the tickets and news of a booking. If the booking is already ' +
      '`booked`, the service mails its tickets at once',
    tag: 'Tickets',
    headers: IdempotencyHeaders,
    params: BookingParams,
    body: BookingContactBody,
    status: 200,
    answer: BookingContact,
    needsSession: true,
    acceptsBookingLink: true,
    isCacheable: false,
    errors: [...errors, 'NOT_FOUND', 'BOOKING_STATE', 'KEY_REUSED'],
  },
  listMails: {
    ...forAdmins,
    method: 'get',
    path: '/v1/admin/mails',
    summary: 'List the mails to buyers, newest first, including mails that wait for a mail server',
    query: MailsQuery,
    status: 200,
    answer: pageSchema(Mail),
    errors,
  },
  getMail: {
    ...forAdmins,
    method: 'get',
    path: '/v1/admin/mails/{mailId}',
    summary: 'Get one mail with its text',
    params: MailParams,
    status: 200,
    answer: MailWithText,
    errors: [...errors, 'NOT_FOUND'],
  },
  getPushKey: {
    method: 'get',
    path: '/v1/push/key',
    summary: 'Get the VAPID key with which a browser creates a push subscription',
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
    summary: "Send the session's offers and admissions to a browser by Web Push",
    headers: IdempotencyHeaders,
    status: 201,
    answer: PushSubscription,
    errors: [...pushErrors, 'KEY_REUSED'],
  },
  unsubscribePush: {
    ...push,
    method: 'delete',
    summary: 'Stop sending Web Push messages to a browser',
    status: 204,
    answer: null,
    errors: pushErrors,
  },
  createWebhook: {
    ...forPartners,
    method: 'post',
    path: '/v1/partners/webhooks',
    summary: 'Create a webhook endpoint. Only this answer contains its secret',
    headers: IdempotencyHeaders,
    body: WebhookEndpointBody,
    status: 201,
    answer: WebhookEndpointMade,
    errors: [...errors, 'KEY_REUSED'],
  },
  listWebhooks: {
    ...forPartners,
    method: 'get',
    path: '/v1/partners/webhooks',
    summary: 'List the webhook endpoints of the API key, newest first',
    query: PageQuery,
    status: 200,
    answer: pageSchema(WebhookEndpoint),
    errors,
  },
  deleteWebhook: {
    ...forPartners,
    method: 'delete',
    path: '/v1/partners/webhooks/{endpointId}',
    summary: 'Delete a webhook endpoint. The service sends nothing to its address any more',
    params: WebhookEndpointParams,
    status: 204,
    answer: null,
    errors: [...errors, 'NOT_FOUND'],
  },
  listWebhookDeliveries: {
    ...forPartners,
    method: 'get',
    path: '/v1/partners/webhooks/{endpointId}/deliveries',
    summary: 'List the deliveries to a webhook endpoint, newest first',
    params: WebhookEndpointParams,
    query: WebhookDeliveriesQuery,
    status: 200,
    answer: pageSchema(WebhookDelivery),
    errors: [...errors, 'NOT_FOUND'],
  },
  replayWebhooks: {
    ...forPartners,
    method: 'post',
    path: '/v1/partners/webhooks/{endpointId}/replays',
    summary: 'Repeat one delivery, or all deliveries since a given time',
    headers: IdempotencyHeaders,
    params: WebhookEndpointParams,
    body: WebhookReplayBody,
    status: 200,
    answer: WebhookReplayed,
    errors: [...errors, 'NOT_FOUND', 'KEY_REUSED'],
  },
} as const;
