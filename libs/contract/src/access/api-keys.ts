import { z } from 'zod';
import { boundedArraySchema } from '../values/bounded-array.js';
import { Id, Uuid } from '../values/ids.js';
import { nameSchema } from '../values/texts.js';
import { Instant } from '../values/times.js';

/**
 * A permission of an API key.
 *
 * - `admin`: manages the catalog, the shows and the API keys.
 * - `staff`: acts for any buyer.
 * - `gate`: checks tickets in.
 * - `partner`: sells, and receives webhooks.
 * - `kiosk`: sells to buyers who stand at a kiosk.
 */
export const Role = z.enum(['admin', 'staff', 'gate', 'partner', 'kiosk']);
export type Role = z.infer<typeof Role>;

/**
 * Body of `POST /v1/admin/api-keys`. To limit a `gate` key to one show or to the shows of one cinema, set `showId` or
 * `cinemaId`.
 */
export const ApiKeyBody = z
  .strictObject({
    name: nameSchema(64).meta({
      description: 'Name of the person or device that uses the key. A gate without a name of its own gets this name',
      example: 'Gate north',
    }),
    roles: boundedArraySchema(Role, { min: 1, max: Role.options.length }),
    showId: Id.nullable().default(null),
    cinemaId: Id.nullable().default(null),
  })
  .meta({ id: 'ApiKeyBody' });
export type ApiKeyBody = z.infer<typeof ApiKeyBody>;

/** An API key without its secret text. The service stores only a hash of the text. */
export const ApiKey = z
  .object({
    keyId: Uuid,
    name: z.string(),
    roles: z.array(Role),
    showId: Id.nullable(),
    cinemaId: Id.nullable(),
    createdAt: Instant,
    revokedAt: Instant.nullable().meta({ description: 'When the key was revoked; null as long as it is valid' }),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof ApiKey>;

/** A new API key with its secret text. The service returns the text only in this answer. */
export const ApiKeyMade = ApiKey.extend({
  key: z.string().meta({ description: 'The secret text. Send it in the header `X-Api-Key`' }),
}).meta({
  id: 'ApiKeyMade',
});
export type ApiKeyMade = z.infer<typeof ApiKeyMade>;

/** Path parameters of an endpoint for one API key. */
export const ApiKeyParams = z.object({ keyId: Uuid });
