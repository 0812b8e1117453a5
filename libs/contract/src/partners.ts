import { z } from 'zod';
import { boundedArraySchema } from './bounded-list.js';
import { PageQuery } from './catalog.js';
import { Id, Instant, InstantInput, Uuid, webAddressSchema } from './primitives.js';
import { LineName } from './queue.js';
import { ShowChangedField } from './show-changed.js';

/** What a partner can hear of. */
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

/** The body of a webhook: what happened to which thing; the rest is for a read to tell. */
export const WebhookEvent = z
  .object({
    type: WebhookEventType,
    /** When it happened. */
    timestamp: Instant,
    data: z.object({
      showId: Id,
      /** Of `booking.*` and `line.offered`. */
      bookingId: Uuid.nullable(),
      /** Of `line.*`: which line, and the ticket in it. */
      line: LineName.nullable(),
      ticket: z.int().nullable(),
      /** Of `show.changed`: which of the show's terms. */
      changed: z.array(ShowChangedField).optional(),
      /** Of `show.*`: why, in the words of the organiser; null: nothing was said. */
      reason: z.string().nullable().optional(),
    }),
  })
  .meta({ id: 'WebhookEvent' });
export type WebhookEvent = z.infer<typeof WebhookEvent>;

/** `POST /v1/partners/webhooks`. */
export const WebhookEndpointBody = z
  .strictObject({
    url: webAddressSchema(/^https?$/, 'must be an http(s) URL').max(2048),
    events: boundedArraySchema(WebhookEventType, { min: 1, max: WebhookEventType.options.length }),
  })
  .meta({ id: 'WebhookEndpointBody' });
export type WebhookEndpointBody = z.infer<typeof WebhookEndpointBody>;

/** An address that the owner of a key wants to hear at. */
export const WebhookEndpoint = z
  .object({
    endpointId: Uuid,
    url: z.string(),
    events: z.array(WebhookEventType),
    createdAt: Instant,
    /** Since when nothing is sent any more, as the address answered that it is gone (410); null: it is served. */
    goneAt: Instant.nullable(),
  })
  .meta({ id: 'WebhookEndpoint' });
export type WebhookEndpoint = z.infer<typeof WebhookEndpoint>;

/** An endpoint that was made just now: the only time that its secret is told. */
export const WebhookEndpointMade = WebhookEndpoint.extend({
  secret: z.string().meta({ description: 'Verifies the signatures (standardwebhooks.com)', example: 'whsec_…' }),
}).meta({ id: 'WebhookEndpointMade' });
export type WebhookEndpointMade = z.infer<typeof WebhookEndpointMade>;

/** `pending` until it is delivered, or three days were in vain. */
export const WebhookDeliveryStatus = z.enum(['pending', 'delivered', 'failed']);
export type WebhookDeliveryStatus = z.infer<typeof WebhookDeliveryStatus>;

/** One event on its way to one endpoint. */
export const WebhookDelivery = z
  .object({
    /** The header `webhook-id`: the same however often it is sent. */
    deliveryId: Uuid,
    event: WebhookEvent,
    status: WebhookDeliveryStatus,
    attempts: z.int(),
    /** What the last attempt came to: a status or an error's code; null before the first. */
    lastResult: z.string().nullable(),
    createdAt: Instant,
    /** Null: there is no further attempt. */
    nextAttemptAt: Instant.nullable(),
  })
  .meta({ id: 'WebhookDelivery' });
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;

export const WebhookEndpointParams = z.object({ endpointId: Uuid });

/** `GET /v1/partners/webhooks/:endpointId/deliveries`. */
export const WebhookDeliveriesQuery = PageQuery.extend({ status: WebhookDeliveryStatus.optional() });

/** `POST /v1/partners/webhooks/:endpointId/replays`: one delivery, or all since a time, whatever became of them. */
export const WebhookReplayBody = z
  .union([z.strictObject({ deliveryId: Uuid }), z.strictObject({ since: InstantInput })], {
    error: 'give either deliveryId or since, and no other key',
  })
  .meta({ id: 'WebhookReplayBody' });
export type WebhookReplayBody = z.infer<typeof WebhookReplayBody>;

/** How many deliveries are sent again. */
export const WebhookReplayed = z.object({ deliveries: z.int() }).meta({ id: 'WebhookReplayed' });
export type WebhookReplayed = z.infer<typeof WebhookReplayed>;
