import { z } from 'zod';
import { ShowChangedField } from '../catalog/show-changed.js';
import { LineName } from '../line/queue.js';
import { boundedArraySchema } from '../values/bounded-array.js';
import { Id, Uuid } from '../values/ids.js';
import { PageQuery } from '../values/pages.js';
import { webAddressSchema } from '../values/texts.js';
import { Instant, InstantInput } from '../values/times.js';

/** The events for which a partner can receive webhooks. */
export const WebhookEventType = z.enum([
  'booking.booked',
  'booking.refunded',
  'show.changed',
  'show.calledOff',
  'line.offered',
  'line.admitted',
  'line.expired',
]);
export type WebhookEventType = z.infer<typeof WebhookEventType>;

/**
 * The body of a webhook: the event and the ids of the objects that it concerns. The partner reads everything else from
 * the API.
 */
export const WebhookEvent = z
  .object({
    type: WebhookEventType,
    timestamp: Instant.meta({ description: 'When the event happened' }),
    data: z.object({
      showId: Id,
      bookingId: Uuid.nullable().meta({ description: 'Set for `booking.*` and `line.offered`' }),
      line: LineName.nullable().meta({ description: 'Set for `line.*`' }),
      ticket: z.int().nullable().meta({ description: 'The line ticket. Set for `line.*`' }),
      changed: z
        .array(ShowChangedField)
        .optional()
        .meta({ description: "The show's terms that changed. Present for `show.changed`" }),
      reason: z.string().nullable().optional().meta({
        description: "The reason in the organiser's words; null if the organiser gave none. Present for `show.*`",
      }),
    }),
  })
  .meta({ id: 'WebhookEvent' });
export type WebhookEvent = z.infer<typeof WebhookEvent>;

/** Body of `POST /v1/partners/webhooks`. */
export const WebhookEndpointBody = z
  .strictObject({
    url: webAddressSchema(/^https?$/, 'must be an http(s) URL').max(2048),
    events: boundedArraySchema(WebhookEventType, { min: 1, max: WebhookEventType.options.length }),
  })
  .meta({ id: 'WebhookEndpointBody' });
export type WebhookEndpointBody = z.infer<typeof WebhookEndpointBody>;

/** An address to which the service sends webhooks for a partner. */
export const WebhookEndpoint = z
  .object({
    endpointId: Uuid,
    url: z.string(),
    events: z.array(WebhookEventType),
    createdAt: Instant,
    goneAt: Instant.nullable().meta({
      description:
        'When the address answered 410 (Gone). From then on, the service sends it no webhooks. Null if this never happened',
    }),
  })
  .meta({ id: 'WebhookEndpoint' });
export type WebhookEndpoint = z.infer<typeof WebhookEndpoint>;

/** A new webhook endpoint with its secret. The service returns the secret only in this answer. */
export const WebhookEndpointMade = WebhookEndpoint.extend({
  secret: z.string().meta({ description: 'Key that verifies signatures (standardwebhooks.com)', example: 'whsec_…' }),
}).meta({ id: 'WebhookEndpointMade' });
export type WebhookEndpointMade = z.infer<typeof WebhookEndpointMade>;

/**
 * The status of a delivery. It is `pending` until the delivery succeeds (`delivered`) or has failed for three days
 * (`failed`).
 */
export const WebhookDeliveryStatus = z.enum(['pending', 'delivered', 'failed']);
export type WebhookDeliveryStatus = z.infer<typeof WebhookDeliveryStatus>;

/** The delivery of one event to one endpoint. */
export const WebhookDelivery = z
  .object({
    deliveryId: Uuid.meta({ description: 'The value of the header `webhook-id`. It is the same in every attempt' }),
    event: WebhookEvent,
    status: WebhookDeliveryStatus,
    attempts: z.int(),
    lastResult: z.string().nullable().meta({
      description: 'The result of the last attempt: an HTTP status or an error code; null before the first attempt',
    }),
    createdAt: Instant,
    nextAttemptAt: Instant.nullable().meta({ description: 'When the next attempt begins; null if there is none' }),
  })
  .meta({ id: 'WebhookDelivery' });
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;

/** Path parameters of an endpoint for one webhook endpoint. */
export const WebhookEndpointParams = z.object({ endpointId: Uuid });

/** Query of `GET /v1/partners/webhooks/:endpointId/deliveries`. */
export const WebhookDeliveriesQuery = PageQuery.extend({ status: WebhookDeliveryStatus.optional() });

/**
 * Body of `POST /v1/partners/webhooks/:endpointId/replays`: one delivery, or all deliveries since a time. The service
 * sends them again whether or not they succeeded before.
 */
export const WebhookReplayBody = z
  .union([z.strictObject({ deliveryId: Uuid }), z.strictObject({ since: InstantInput })], {
    error: 'give either deliveryId or since, and no other key',
  })
  .meta({ id: 'WebhookReplayBody' });
export type WebhookReplayBody = z.infer<typeof WebhookReplayBody>;

/** The number of deliveries that the service will send again. */
export const WebhookReplayed = z.object({ deliveries: z.int() }).meta({ id: 'WebhookReplayed' });
export type WebhookReplayed = z.infer<typeof WebhookReplayed>;
