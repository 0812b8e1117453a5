import { z } from 'zod';
import { Id } from '../values/ids.js';
import { Instant } from '../values/times.js';

/** Maximum length of a solution. It has room for the tokens of all known providers. */
export const solutionLengthMax = 4096;

/**
 * A task that a session must solve before it may enter a show, join a line or hold seats. It is valid for this session
 * and this show only.
 */
export const Challenge = z
  .object({
    provider: z.string().meta({
      description: 'The kind of the task: `altcha` is a proof of work, `turnstile` is a widget of Cloudflare',
    }),
    parameters: z.record(z.string(), z.unknown()).meta({
      description: 'What the solver of this provider needs. With `altcha`, it has the shape `AltchaChallenge`',
    }),
    expiresAt: Instant.meta({ description: 'The solution must arrive before this time' }),
  })
  .meta({ id: 'Challenge' });
export type Challenge = z.infer<typeof Challenge>;

/**
 * The `parameters` of a {@link Challenge} of the provider `altcha`: a challenge in the format of version 2 of ALTCHA. The
 * solver derives keys for the counters 0, 1, 2, … until a key begins with `keyPrefix`.
 */
export const AltchaChallenge = z
  .strictObject({
    parameters: z.strictObject({
      algorithm: z.literal('PBKDF2/SHA-256'),
      nonce: z.string().max(64),
      salt: z.string().max(64),
      cost: z.int().positive().meta({ description: 'Iterations of PBKDF2 for one key' }),
      keyLength: z.int().positive(),
      keyPrefix: z.string().max(64),
      keySignature: z.string().max(128),
      expiresAt: z.int().positive().meta({ description: 'Seconds since 1970' }),
      data: z.strictObject({ showId: Id, sessionId: z.string().max(36) }),
    }),
    signature: z.string().max(128),
  })
  .meta({ id: 'AltchaChallenge' });
export type AltchaChallenge = z.infer<typeof AltchaChallenge>;

/** Body of `POST /v1/shows/:showId/challenge`. */
export const ChallengeSolution = z
  .strictObject({
    solution: z
      .string()
      .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII characters without spaces')
      .max(solutionLengthMax)
      .meta({
        description:
          'What the solver of the provider returned. With `altcha`, it is the Base64 of the JSON ' +
          '`{ challenge: { parameters, signature }, solution: { counter, derivedKey } }`, which is the payload of ALTCHA',
      }),
  })
  .meta({ id: 'ChallengeSolution' });
export type ChallengeSolution = z.infer<typeof ChallengeSolution>;

/** Payload of `challenge:solve`. */
export const ChallengeSolve = ChallengeSolution.extend({ showId: Id }).meta({ id: 'ChallengeSolve' });

/** The answer to a right solution. */
export const ChallengePassed = z
  .object({
    passed: z.literal(true),
    until: Instant.meta({ description: 'Until then, the show asks this session for no other challenge' }),
  })
  .meta({ id: 'ChallengePassed' });
export type ChallengePassed = z.infer<typeof ChallengePassed>;
