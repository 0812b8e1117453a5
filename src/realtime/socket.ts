import type { ClientToServerEvents, ServerToClientEvents } from '@usher/contract';
import type { DefaultEventsMap, Server, Socket } from 'socket.io';

/** What the service knows of a socket. */
export interface SocketData {
  readonly sessionId: string;
  /** Until when the newest token of this socket is valid, in ms since 1970. */
  readonly tokenExpiresAtMs: number;
}

/** The Socket.IO server with the contract's events. */
export type UsherServer = Server<ClientToServerEvents, ServerToClientEvents, DefaultEventsMap, SocketData>;

/** A connected client; its session is known from the handshake. */
export type UsherSocket = Socket<ClientToServerEvents, ServerToClientEvents, DefaultEventsMap, SocketData>;
