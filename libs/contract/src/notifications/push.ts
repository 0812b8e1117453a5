import { z } from 'zod';
import { Id } from '../values/ids.js';
import { textSchema, webAddressSchema } from '../values/texts.js';
import { Instant } from '../values/times.js';

/** The VAPID public key (base64url) with which a browser creates a push subscription. */
export const PushKey = z.object({ publicKey: z.string() }).meta({ id: 'PushKey' });
export type PushKey = z.infer<typeof PushKey>;

/**
 * A browser's `PushSubscription`, as its `toJSON()` returns it. Unknown keys are ignored here, because browsers may add
 * some.
 */
export const PushSubscription = z
  .object({
    endpoint: webAddressSchema(/^https$/, 'must be an https:// URL').max(2048),
    expirationTime: z.number().nullish(),
    keys: z.object({ p256dh: textSchema(128).min(1), auth: textSchema(64).min(1) }),
  })
  .meta({ id: 'PushSubscription' });
export type PushSubscription = z.infer<typeof PushSubscription>;

/** The payload of a push message. */
export const PushPayload = z.object({
  type: z.enum(['queue:offer', 'queue:admitted', 'booking:updated', 'show:moved', 'show:changed', 'show:calledOff']),
  showId: Id,
  bookingId: z.string().nullable(),
  expiresAt: Instant.nullable(),
});
export type PushPayload = z.infer<typeof PushPayload>;
