import { z } from 'zod';
import { Instant, Uuid } from './primitives.js';

/** An anonymous session. `token` is signed and goes into `Authorization: Bearer …` or the socket's `auth.token`. */
export const Session = z
  .object({ sessionId: Uuid, token: z.string(), expiresAt: Instant })
  .meta({ id: 'Session', description: 'An anonymous session and its token' });
export type Session = z.infer<typeof Session>;

/** What a socket may send in its handshake's `auth`. Without a token it is given a session by the event `session`. */
export const SocketAuth = z.object({ token: z.string().max(4096).optional(), apiKey: z.string().max(256).optional() });
export type SocketAuth = z.infer<typeof SocketAuth>;
