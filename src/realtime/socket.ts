import type { ClientToServerEvents, ServerToClientEvents } from '@usher/contract';
import type { DefaultEventsMap, Server, Socket } from 'socket.io';

/** The data that the service keeps with each socket. */
export interface SocketData {
  readonly sessionId: string;
  /** Expiry of the socket's newest token, in ms since 1970. */
  readonly tokenExpiresAtMs: number;
  /** The API key or the sign-in of the socket; null if it has neither, or the key of the settings. */
  readonly credentialId: string | null;
}

/** The Socket.IO server with the contract's events. */
export type UsherServer = Server<ClientToServerEvents, ServerToClientEvents, DefaultEventsMap, SocketData>;

/** A connected client. The handshake has set its session. */
export type UsherSocket = Socket<ClientToServerEvents, ServerToClientEvents, DefaultEventsMap, SocketData>;
