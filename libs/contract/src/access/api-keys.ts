import { z } from 'zod';
import { boundedArraySchema } from '../values/bounded-array.js';
import { Id, Uuid } from '../values/ids.js';
import { nameSchema } from '../values/texts.js';
import { Instant, InstantInput } from '../values/times.js';

/** Maximum number of cinemas in the scope of one API key. */
const cinemasPerKeyMax = 1000;

/** Longest time in seconds for which the old text of a rotated key can stay valid. */
const overlapSecondsMax = 30 * 24 * 60 * 60;

const overlapSecondsDefault = 24 * 60 * 60;

/**
 * A role of an API key. The scope of the key limits every role to a show or to cinemas.
 *
 * - `admin`: manages the catalog, the shows and the API keys.
 * - `staff`: acts for any buyer, and sells.
 * - `gate`: checks tickets in.
 * - `partner`: sells, and receives webhooks.
 * - `kiosk`: sells to buyers who stand at a kiosk. Its calls do not count for the address that it shares with others.
 */
export const Role = z.enum(['admin', 'staff', 'gate', 'partner', 'kiosk']);
export type Role = z.infer<typeof Role>;

/**
 * Body of `POST /v1/admin/api-keys`. `showId`, `cinemaId` and `cinemaIds` are the scope of the key. They limit every role.
 * `cinemaId` is a short form of `cinemaIds` with one cinema. A key without a scope is valid for the whole service.
 */
export const ApiKeyBody = z
  .strictObject({
    name: nameSchema(64).meta({
      description: 'Name of the person or device that uses the key. A gate without a name of its own gets this name',
      example: 'Gate north',
    }),
    roles: boundedArraySchema(Role, { min: 1, max: Role.options.length }),
    showId: Id.nullable().default(null).meta({ description: 'The only show for which the key is valid' }),
    cinemaId: Id.nullable().default(null).meta({ description: 'The only cinema for which the key is valid' }),
    cinemaIds: boundedArraySchema(Id, { min: 1, max: cinemasPerKeyMax })
      .nullable()
      .default(null)
      .meta({ description: 'The only cinemas for which the key is valid' }),
    expiresAt: InstantInput.nullable().default(null).meta({
      description: 'When the key expires, at most five years from now; null if it does not expire',
    }),
  })
  .refine(({ cinemaId, cinemaIds }) => cinemaId === null || cinemaIds === null, {
    path: ['cinemaIds'],
    error: 'must be absent if cinemaId is given',
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
    cinemaId: Id.nullable().meta({ description: 'The cinema, if `cinemaIds` has exactly one; otherwise null' }),
    cinemaIds: z.array(Id).nullable(),
    createdAt: Instant,
    expiresAt: Instant.nullable(),
    lastUsedAt: Instant.nullable().meta({
      description: 'When the key was last used, up to a minute old; null if it was never used',
    }),
    previousKeyExpiresAt: Instant.nullable().meta({
      description:
        'Until when the text before the last rotation is still valid; null if only the present text is valid',
    }),
    revokedAt: Instant.nullable().meta({ description: 'When the key was revoked; null as long as it is not revoked' }),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof ApiKey>;

/**
 * Body of `POST /v1/admin/api-keys/:keyId/rotate`. With `overlapSeconds: 0`, the old text of the key stops at once.
 */
export const ApiKeyRotateBody = z
  .strictObject({
    overlapSeconds: z.int().min(0).max(overlapSecondsMax).default(overlapSecondsDefault).meta({
      description: 'Seconds for which the old text of the key stays valid',
    }),
  })
  .prefault({})
  .meta({ id: 'ApiKeyRotateBody' });
export type ApiKeyRotateBody = z.output<typeof ApiKeyRotateBody>;

/**
 * Payload of `key:ended`: why the API key of a socket is no longer valid.
 *
 * - `revoked`: an administrator revoked the key.
 * - `expired`: the key reached its `expiresAt`.
 * - `replaced`: the key was rotated, and the overlap in which its old text was valid is over.
 */
export const KeyEnded = z.object({ reason: z.enum(['revoked', 'expired', 'replaced']) });
export type KeyEnded = z.infer<typeof KeyEnded>;

/** A new API key with its secret text. The service returns the text only in this answer. */
export const ApiKeyMade = ApiKey.extend({
  key: z.string().meta({ description: 'The secret text. Send it in the header `X-Api-Key`' }),
}).meta({
  id: 'ApiKeyMade',
});
export type ApiKeyMade = z.infer<typeof ApiKeyMade>;

/** Path parameters of an endpoint for one API key. */
export const ApiKeyParams = z.object({ keyId: Uuid });
