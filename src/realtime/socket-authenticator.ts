import type { Session } from '@usher/contract';
import type { SocketData, UsherSocket } from './socket.js';

/**
 * Identifies the client of each socket. `src/access` provides the implementation, because `realtime` depends on no
 * feature.
 */
export abstract class SocketAuthenticator {
  /**
   * Decides in the handshake which session a socket belongs to.
   *
   * @throws DomainError `UNAUTHENTICATED`, `INVALID_REQUEST`, `RATE_LIMITED`; the client gets the error in
   * `connect_error`
   */
  abstract authenticate(socket: UsherSocket): Promise<Authenticated>;

  /** Renews the token of a connected socket. Returns null if the token is not due for renewal yet. */
  abstract renewIfDue(data: SocketData): Session | null;
}

/** The result of a handshake. */
export interface Authenticated {
  readonly data: SocketData;
  /** The session that the client must store. Null if the client keeps its token. */
  readonly session: Session | null;
}

/** The data of a socket that belongs to a session. */
export const socketDataOf = ({ sessionId, expiresAt }: Session, credentialId: string | null): SocketData => ({
  sessionId,
  tokenExpiresAtMs: Date.parse(expiresAt),
  credentialId,
});
