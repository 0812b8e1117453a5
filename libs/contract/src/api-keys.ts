import { z } from 'zod';
import { boundedArraySchema } from './bounded-list.js';
import { Id, Instant, nameSchema, Uuid } from './primitives.js';

/**
 * What an API key may do: `admin` runs the programme and the keys, `staff` acts for any buyer, `gate` lets tickets in,
 * `partner` sells and hears of it by webhooks, `kiosk` sells on the spot.
 */
export const Role = z.enum(['admin', 'staff', 'gate', 'partner', 'kiosk']);
export type Role = z.infer<typeof Role>;

/** `POST /v1/admin/api-keys`. A `gate` key may be bound to the one show, or the shows of the one cinema, that it serves. */
export const ApiKeyBody = z
  .strictObject({
    name: nameSchema(64).meta({ description: 'Whose it is; a gate is called by it', example: 'Gate north' }),
    roles: boundedArraySchema(Role, { min: 1, max: Role.options.length }),
    showId: Id.nullable().default(null),
    cinemaId: Id.nullable().default(null),
  })
  .meta({ id: 'ApiKeyBody' });
export type ApiKeyBody = z.infer<typeof ApiKeyBody>;

/** An API key, without the key itself: only its hash is kept. */
export const ApiKey = z
  .object({
    keyId: Uuid,
    name: z.string(),
    roles: z.array(Role),
    showId: Id.nullable(),
    cinemaId: Id.nullable(),
    createdAt: Instant,
    /** Null: it is good. */
    revokedAt: Instant.nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof ApiKey>;

/** A key that was made just now: the only time that it is told. */
export const ApiKeyMade = ApiKey.extend({ key: z.string().meta({ description: 'Send it as X-Api-Key' }) }).meta({
  id: 'ApiKeyMade',
});
export type ApiKeyMade = z.infer<typeof ApiKeyMade>;
