import { z } from 'zod';
import { Uuid } from '../values/ids.js';
import { Instant } from '../values/times.js';

/**
 * An anonymous session and its signed `token`. A client sends the token in the header `Authorization: Bearer …` or in
 * the socket's `auth.token`.
 */
export const Session = z
  .object({ sessionId: Uuid, token: z.string(), expiresAt: Instant })
  .meta({ id: 'Session', description: 'An anonymous session and its token' });
export type Session = z.infer<typeof Session>;

/**
 * Response header with the value `due`. The server adds it if the token of the call is more than a day old. The client
 * should then renew the token: `POST /v1/sessions` with the old token returns the same session with a fresh token. The
 * old token stays valid until its own `expiresAt`.
 */
export const renewalHeader = 'Usher-Session-Renewal';

/**
 * The `auth` object of a socket's handshake. A socket without a token receives a new session in the event `session`. A
 * socket whose token is more than a day old receives the same session with a fresh token in the same event.
 */
export const SocketAuth = z.strictObject({
  token: z.string().max(4096).optional(),
  apiKey: z.string().max(256).optional(),
  operator: z.literal(true).optional().meta({
    description:
      'The socket acts for the operator of the sign-in cookie. Only pages of the service itself can send this',
  }),
});
export type SocketAuth = z.infer<typeof SocketAuth>;
