import { Logger } from '@nestjs/common';
import { type OnGatewayConnection, type OnGatewayInit, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { type ErrorBody, type Session, type ShowVersion, SocketAuth } from '@usher/contract';
import { DomainError } from '../common/domain-error.js';
import { invalidRequest } from '../common/invalid-request.js';
import { toErrorBody } from './problem.js';
import { sessionRoom, showOfRoom, showRoom } from './rooms.js';
import { SessionTokens } from './session-tokens.service.js';
import { ShowBroadcaster } from './show-broadcaster.service.js';
import { limitEvents, limitUnread, refuseUnknownEvents, roomsMax } from './socket-limits.js';
import type { UsherServer, UsherSocket } from './socket.js';

/** Every socket is in a room of its own and in its session's. */
const ownRooms = 2;

/** The handshake: who a socket is, before any feature hears of it. */
@WebSocketGateway()
export class RealtimeGateway implements OnGatewayInit<UsherServer>, OnGatewayConnection<UsherSocket> {
  private readonly logger = new Logger(RealtimeGateway.name);
  @WebSocketServer() private readonly server: UsherServer;
  /** Sessions made in a handshake, until their socket is connected and can be told. */
  private readonly given = new WeakMap<UsherSocket, Session>();

  constructor(
    private readonly tokens: SessionTokens,
    private readonly broadcaster: ShowBroadcaster,
  ) {}

  afterInit(server: UsherServer): void {
    this.broadcaster.attach(server);
    server.use((socket, next) => {
      this.identify(socket).then(
        () => next(),
        (error: unknown) => next(new HandshakeError(toErrorBody(error, this.logger))),
      );
    });
  }

  async handleConnection(socket: UsherSocket): Promise<void> {
    // Before anything else is awaited: the session is the first event that a socket without one hears.
    const session = this.given.get(socket);
    if (session) socket.emit('session', session);
    limitEvents(socket);
    limitUnread(socket);
    refuseUnknownEvents(socket);
    await socket.join(sessionRoom(socket.data.sessionId));
  }

  /** The shows that sockets of this node look at. */
  showsInView(): number[] {
    return [...this.server.of('/').adapter.rooms.keys()].flatMap((room) => showOfRoom(room) ?? []);
  }

  /** Lets a socket into a show's room. @throws DomainError `RATE_LIMITED` when it looks at too many shows */
  async enter(socket: UsherSocket, showId: number): Promise<void> {
    const room = showRoom(showId);
    if (!socket.rooms.has(room) && socket.rooms.size >= roomsMax + ownRooms) {
      const detail = `One socket may look at ${roomsMax} shows: leave some.`;
      throw new DomainError('RATE_LIMITED', detail, { retryAfterMs: 1000 });
    }
    await socket.join(room);
  }

  /** Tells this node's viewers of a show its version. */
  sendVersion(version: ShowVersion): void {
    this.server.local.to(showRoom(version.showId)).emit('show:version', version);
  }

  /**
   * Every socket of a session on this node, to emit to; null when there is nobody to tell, as with most sessions: they
   * have one socket, and that one asked.
   *
   * @param except a socket that knows already, or null
   */
  socketsOf(sessionId: string, except: string | null) {
    const room = sessionRoom(sessionId);
    const here = this.server.of('/').adapter.rooms.get(room);
    if (!here || (here.size === 1 && except !== null && here.has(except))) return null;
    return except === null ? this.server.to(room) : this.server.to(room).except(except);
  }

  private async identify(socket: UsherSocket): Promise<void> {
    const auth = SocketAuth.safeParse(socket.handshake.auth);
    if (!auth.success) throw invalidRequest(auth.error.issues);
    if (auth.data.token !== undefined) {
      socket.data = { sessionId: await this.tokens.verify(auth.data.token) };
      return;
    }
    const session = await this.tokens.issue();
    this.given.set(socket, session);
    socket.data = { sessionId: session.sessionId };
  }
}

/** Refuses a connection: the client's `connect_error` has the contract's error as `data`. */
class HandshakeError extends Error {
  constructor(readonly data: ErrorBody) {
    super(data.code);
  }
}
