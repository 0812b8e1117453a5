import { z } from 'zod';
import { textSchema } from '../values/texts.js';
import { Instant } from '../values/times.js';

/** The public keys that verify the codes of tickets, newest first, as a JWKS (RFC 7517). */
export const TicketKeys = z
  .object({
    keys: z.array(
      z.object({
        kty: z.literal('OKP'),
        crv: z.literal('Ed25519'),
        x: z.string(),
        kid: z.string(),
        alg: z.literal('EdDSA'),
        use: z.literal('sig'),
      }),
    ),
  })
  .meta({ id: 'TicketKeys' });
export type TicketKeys = z.infer<typeof TicketKeys>;

/** A key that signs ticket codes now, or signed them in the past. */
export const TicketKey = z
  .object({
    kid: z.string(),
    signs: z.boolean().meta({ description: 'True if this key signs new codes, which exactly one key does' }),
    createdAt: Instant,
  })
  .meta({ id: 'TicketKey' });
export type TicketKey = z.infer<typeof TicketKey>;

/** Path parameters of an endpoint for one ticket key. */
export const TicketKeyParams = z.object({ kid: textSchema(64).min(1) });
