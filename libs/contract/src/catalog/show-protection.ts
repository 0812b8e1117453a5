import { z } from 'zod';

/**
 * When a session must pass the challenge of a show before it enters a lobby, joins a line or holds seats.
 *
 * - `never`: never, not even beyond a budget.
 * - `risk`: when its address is beyond the free part of a budget, or its risk score requires it.
 * - `hot`: like `risk`, and also always while the show is in high demand.
 * - `always`: always.
 */
export const ChallengePolicy = z.enum(['never', 'risk', 'hot', 'always']).meta({ id: 'ChallengePolicy' });
export type ChallengePolicy = z.infer<typeof ChallengePolicy>;

/**
 * The share of a show that the buyers of one network address may have at the same time. Beyond `free`, each further
 * session must first pass the challenge. Nobody gets more than `max`.
 */
export const AddressBudget = z
  .strictObject({ free: z.int().min(0).max(10_000_000), max: z.int().min(1).max(10_000_000) })
  .refine(({ free, max }) => free <= max, { path: ['free'], error: 'must be at most max' })
  .meta({ id: 'AddressBudget' });
export type AddressBudget = z.infer<typeof AddressBudget>;

/** How a show is protected from buyers and bots that take more than their share. Null means the service's setting. */
export const ShowProtection = z
  .strictObject({
    challenge: ChallengePolicy.nullable().default(null),
    codeRequired: z.boolean().default(false).meta({
      description: 'Whether a session needs an access code to enter the lobby or a line, or to hold seats',
    }),
    addressSeats: AddressBudget.nullable()
      .default(null)
      .meta({ description: 'Seats that the buyers of one address may hold' }),
    addressPlaces: AddressBudget.nullable()
      .default(null)
      .meta({ description: 'Places in lines and stays that the buyers of one address may have' }),
  })
  .meta({ id: 'ShowProtection' });
export type ShowProtection = z.infer<typeof ShowProtection>;
