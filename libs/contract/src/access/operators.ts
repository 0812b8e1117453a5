import { z } from 'zod';
import { Id } from '../values/ids.js';
import { textSchema } from '../values/texts.js';
import { Instant } from '../values/times.js';
import { Role } from './api-keys.js';

/**
 * Request header with the value `true`. With it, a call acts for the operator of the sign-in cookie although it also has
 * the token of a session. A call without a token and without an API key acts for the operator in any case.
 */
export const operatorHeader = 'Usher-Operator';

/** A person who has signed in: the name, and what the person may do until `expiresAt`. */
export const Operator = z
  .object({
    name: z.string().meta({ description: 'The name of the person, as the identity provider states it' }),
    email: z.string().nullable().meta({ description: 'The mail address; null if the identity provider states none' }),
    roles: z.array(Role),
    cinemaIds: z
      .array(Id)
      .nullable()
      .meta({ description: 'The only cinemas in which the roles are valid; null for the whole service' }),
    expiresAt: Instant.meta({
      description: 'When the sign-in ends at the latest. It ends earlier after a time without any call',
    }),
  })
  .meta({ id: 'Operator' });
export type Operator = z.infer<typeof Operator>;

/** Answer of `GET /v1/operators/me`. */
export const OperatorStatus = z
  .object({
    canSignIn: z.boolean().meta({ description: 'True if this service has an identity provider' }),
    operator: Operator.nullable().meta({ description: 'The person who has signed in; null if nobody has' }),
  })
  .meta({ id: 'OperatorStatus' });
export type OperatorStatus = z.infer<typeof OperatorStatus>;

/** Query of `GET /v1/operators/sign-in`. */
export const SignInQuery = z.object({
  returnTo: z
    .string()
    .max(1000)
    .regex(/^\/(?![/\\])[^\\\s\p{Cc}]*$/u, 'must be a path of this service, such as /gate')
    .default('/gate')
    .meta({ description: 'The path of this service to which the browser returns', example: '/gate' }),
});
export type SignInQuery = z.output<typeof SignInQuery>;

const providerText = textSchema(4000).optional();

/** Query of `GET /v1/operators/callback`. The identity provider sets it, see RFC 6749, section 4.1.2, and RFC 9207. */
export const SignInAnswerQuery = z.object({
  code: providerText,
  state: providerText,
  iss: providerText,
  error: providerText,
  error_description: providerText,
});

/**
 * Why a sign-in failed.
 *
 * - `unknownAttempt`: this browser did not start the sign-in, or it started it too long ago.
 * - `refusedByProvider`: the identity provider refused the sign-in, or its answer is not valid, for example because the
 *   code was used before.
 * - `noRole`: the person has no role of this service.
 * - `noCinema`: the person has a role, but no cinema in which it is valid.
 */
export const SignInFailure = z.enum(['unknownAttempt', 'refusedByProvider', 'noRole', 'noCinema']);
export type SignInFailure = z.infer<typeof SignInFailure>;

/** Answer of `POST /v1/operators/sign-out`. */
export const SignedOut = z
  .object({
    providerUrl: z.string().nullable().meta({
      description:
        'The page at which the identity provider ends its own session. The browser should open it. Null if there is none',
    }),
  })
  .meta({ id: 'SignedOut' });
export type SignedOut = z.infer<typeof SignedOut>;

/**
 * Payload of `operator:ended`: why the sign-in of a socket is no longer valid.
 *
 * - `signedOut`: the operator signed out.
 * - `expired`: the sign-in reached its `expiresAt`, or it was not used for too long.
 */
export const OperatorEnded = z.object({ reason: z.enum(['signedOut', 'expired']) });
export type OperatorEnded = z.infer<typeof OperatorEnded>;
