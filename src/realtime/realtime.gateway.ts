import { setTimeout as delay } from 'node:timers/promises';
import { Logger, type OnModuleDestroy } from '@nestjs/common';
import { type OnGatewayConnection, type OnGatewayInit, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import type {
  ErrorBody,
  LineName,
  QueueMoved,
  ServerEvent,
  ServerPayload,
  Session,
  ShowChanged,
  ShowVersion,
} from '@usher/contract';
import { Subject } from 'rxjs';
import { DomainError } from '../common/domain-error.js';
import { toErrorBody } from '../transport/error-body.js';
import { credentialRoom, lineRoom, sessionRoom, showOfRoom, showRoom } from './rooms.js';
import { ConnectionPolicy } from './connection-policy.js';
import { ShowBroadcaster } from './show-broadcaster.service.js';
import { SocketAuthenticator, socketDataOf } from './socket-authenticator.js';
import { limitEvents, limitUnread, refuseUnknownEvents, roomsMax } from './socket-limits.js';
import { callsInFlightOf } from './calls-in-flight.js';
import type { UsherServer, UsherSocket } from './socket.js';

/** Number of rooms that a socket is in before it opens a show: its own, its session's, and that of its API key. */
const countOwnRooms = ({ data }: UsherSocket): number => (data.credentialId === null ? 2 : 3);

/** Time between two checks of all connected sockets. One check of 20,000 sockets takes less than 1 ms. */
const checkIntervalMs = 5000;

/** Time for which a socket of a crowded network address may be open without a show. */
const crowdedIdleMs = 15_000;

/** A socket that left a show. */
export interface Departure {
  readonly showId: number;
  readonly sessionId: string;
  /** True if the session's last socket in the show sent `show:leave`. False if a connection ended. */
  readonly isChosen: boolean;
}

/** Accepts sockets, keeps them in the rooms of sessions, shows and lines, and sends events to these rooms. */
@WebSocketGateway()
export class RealtimeGateway implements OnGatewayInit<UsherServer>, OnGatewayConnection<UsherSocket>, OnModuleDestroy {
  private readonly logger = new Logger(RealtimeGateway.name);
  @WebSocketServer() private readonly server: UsherServer;
  /** Sessions that the client must store. They are kept here from the handshake until the socket can receive events. */
  private readonly unsentSessions = new WeakMap<UsherSocket, Session>();
  private checkTimer: NodeJS.Timeout | undefined;
  /** Emits each socket that leaves a show, because it sent `show:leave` or because its connection ended. */
  readonly departures = new Subject<Departure>();

  constructor(
    private readonly authenticator: SocketAuthenticator,
    private readonly broadcaster: ShowBroadcaster,
    private readonly policy: ConnectionPolicy,
  ) {}

  afterInit(server: UsherServer): void {
    this.broadcaster.attach(server);
    this.checkTimer = setInterval(() => this.checkSockets(), checkIntervalMs).unref();
    server.use((socket, next) => {
      this.authenticate(socket).then(
        () => next(),
        (error: unknown) => next(new HandshakeError(toErrorBody(error, this.logger))),
      );
    });
  }

  onModuleDestroy(): void {
    clearInterval(this.checkTimer);
  }

  async handleConnection(socket: UsherSocket): Promise<void> {
    // This comes before any await, because `session` must be the first event that a socket without a token receives.
    const session = this.unsentSessions.get(socket);
    if (session) socket.emit('session', session);
    limitEvents(socket);
    limitUnread(socket);
    refuseUnknownEvents(socket);
    socket.on('disconnecting', () => {
      const { sessionId } = socket.data;
      for (const room of socket.rooms) {
        const showId = showOfRoom(room);
        if (showId !== null) this.departures.next({ showId, sessionId, isChosen: false });
      }
    });
    const { sessionId, credentialId } = socket.data;
    await socket.join([sessionRoom(sessionId), ...(credentialId === null ? [] : [credentialRoom(credentialId)])]);
  }

  /**
   * Closes every socket, each after its pending answers were sent. The closings are spread over `overMs`, so that the
   * clients do not all connect to the next node at once. After such a close, Socket.IO clients reconnect on their own.
   */
  async sendAway(overMs: number): Promise<void> {
    const sockets = [...this.server.of('/').sockets.values()];
    const closings = sockets.map(async (socket) => {
      socket.emit('node:leaving', { withinMs: overMs });
      await delay(Math.random() * overMs);
      await callsInFlightOf(socket).whenIdle();
      // `disconnect` would stop clients from reconnecting. `close` first sends the data that is still queued.
      socket.conn.close();
    });
    await Promise.all(closings);
  }

  /** Returns the shows that at least one socket of this node has open. */
  showsInView(): number[] {
    return [...this.server.of('/').adapter.rooms.keys()].flatMap((room) => showOfRoom(room) ?? []);
  }

  /**
   * Checks that a socket may enter a show's room. Call this before you do any work for the socket.
   *
   * @throws DomainError `RATE_LIMITED` if the socket has too many shows open
   */
  requireRoom(socket: UsherSocket, showId: number): void {
    this.requireFreeRoom(socket, showRoom(showId));
  }

  /** Adds a socket to a show's room. @throws DomainError `RATE_LIMITED` if the socket has too many shows open */
  enter(socket: UsherSocket, showId: number): Promise<void> {
    return this.join(socket, showRoom(showId));
  }

  /** Adds a socket to the room that receives a line's moves. @throws DomainError `RATE_LIMITED` */
  enterLine(socket: UsherSocket, showId: number, line: LineName): Promise<void> {
    return this.join(socket, lineRoom(showId, line));
  }

  /** Removes a socket from the rooms of a show and its lines, because its client sent `show:leave`. */
  async leave(socket: UsherSocket, showId: number): Promise<void> {
    const { sessionId } = socket.data;
    const wasInRoom = socket.rooms.has(showRoom(showId));
    await Promise.all([
      socket.leave(showRoom(showId)),
      socket.leave(lineRoom(showId, 'seats')),
      socket.leave(lineRoom(showId, 'entry')),
    ]);
    const isLast = !this.localSockets(sessionRoom(sessionId)).some(({ rooms }) => rooms.has(showRoom(showId)));
    if (wasInRoom && isLast) this.departures.next({ showId, sessionId, isChosen: true });
  }

  /** Closes a session's sockets on every node. Their clients do not reconnect on their own. */
  disconnectSession(sessionId: string): void {
    this.server.in(sessionRoom(sessionId)).disconnectSockets(true);
  }

  /**
   * Removes a session's sockets on this node from a show's room. Returns true if at least one socket was in the room.
   */
  expel(sessionId: string, showId: number): boolean {
    const sockets = this.localSockets(sessionRoom(sessionId)).filter(({ rooms }) => rooms.has(showRoom(showId)));
    for (const socket of sockets) void socket.leave(showRoom(showId));
    return sockets.length > 0;
  }

  /** Removes a session's sockets on this node from a line's room. */
  leaveLine(sessionId: string, showId: number, line: LineName): void {
    this.server.local.in(sessionRoom(sessionId)).socketsLeave(lineRoom(showId, line));
  }

  /** Sends `queue:moved` to the sockets on this node that are in the line's room. */
  sendMoved(moved: QueueMoved): void {
    this.server.local.to(lineRoom(moved.showId, moved.line)).emit('queue:moved', moved);
  }

  /** Returns the sessions that receive the moves of a line on at least one socket of this node. */
  sessionsInLine(showId: number, line: LineName): Set<string> {
    return new Set(this.localSockets(lineRoom(showId, line)).map(({ data }) => data.sessionId));
  }

  /** Returns the sessions that have a show open on at least one socket of this node. */
  sessionsInShow(showId: number): Set<string> {
    return new Set(this.localSockets(showRoom(showId)).map(({ data }) => data.sessionId));
  }

  /** Returns true if another session has a show open on a socket of this node. Reads only a few sockets. */
  hasOtherViewers(showId: number, sessionId: string): boolean {
    const { adapter, sockets } = this.server.of('/');
    for (const id of adapter.rooms.get(showRoom(showId)) ?? []) {
      const socket = sockets.get(id);
      if (socket && socket.data.sessionId !== sessionId) return true;
    }
    return false;
  }

  /** Sends `show:changed` to every socket on this node that has the show open or is in one of its lines. */
  sendShowChanged(message: ShowChanged): void {
    const { showId } = message;
    const rooms = [showRoom(showId), lineRoom(showId, 'seats'), lineRoom(showId, 'entry')];
    this.server.local.to(rooms).emit('show:changed', message);
  }

  /** Sends `show:version` to every socket on this node that has the show open. */
  sendVersion(version: ShowVersion): void {
    this.server.local.to(showRoom(version.showId)).emit('show:version', version);
  }

  /**
   * Sends an event to each socket of a session on this node.
   *
   * @param exceptSocketId the socket that learns the same from the answer to its own call, or null
   */
  sendToSession<E extends ServerEvent>(
    sessionId: string,
    event: E,
    payload: ServerPayload<E>,
    exceptSocketId: string | null = null,
  ): void {
    const room = sessionRoom(sessionId);
    const socketIds = this.server.of('/').adapter.rooms.get(room);
    // This is the most frequent case, because most sessions have one socket and that socket made the call.
    const isOnlyCaller = exceptSocketId !== null && socketIds?.size === 1 && socketIds.has(exceptSocketId);
    if (!socketIds || isOnlyCaller) return;
    const sockets = this.server.local.to(room);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- TypeScript cannot relate a generic event to its payload
    const message = [event, payload] as unknown as Parameters<typeof sockets.emit<E>>;
    (exceptSocketId === null ? sockets : sockets.except(exceptSocketId)).emit(...message);
  }

  private localSockets(room: string): UsherSocket[] {
    const { adapter, sockets } = this.server.of('/');
    return [...(adapter.rooms.get(room) ?? [])].flatMap((id) => sockets.get(id) ?? []);
  }

  private async join(socket: UsherSocket, room: string): Promise<void> {
    this.requireFreeRoom(socket, room);
    await socket.join(room);
  }

  private requireFreeRoom(socket: UsherSocket, room: string): void {
    if (socket.rooms.has(room) || socket.rooms.size < roomsMax + countOwnRooms(socket)) return;
    const detail = `One socket may have ${roomsMax} shows open. Leave a show first.`;
    throw new DomainError('RATE_LIMITED', detail, { retryAfterMs: 1000 });
  }

  private async authenticate(socket: UsherSocket): Promise<void> {
    const { data, session } = await this.authenticator.authenticate(socket);
    socket.data = data;
    if (session) this.unsentSessions.set(socket, session);
  }

  private checkSockets(): void {
    const idleSince = Date.now() - crowdedIdleMs;
    for (const socket of this.server.of('/').sockets.values()) {
      this.renewTokenIfDue(socket);
      if (isIdleSince(socket, idleSince) && this.policy.isCrowded(socket.request)) socket.conn.close();
    }
  }

  /** Renews the token of a socket if it is due, because a socket may stay connected for longer than its token lasts. */
  private renewTokenIfDue(socket: UsherSocket): void {
    const session = this.authenticator.renewIfDue(socket.data);
    if (!session) return;
    socket.data = socketDataOf(session, socket.data.credentialId);
    socket.emit('session', session);
  }
}

/** Returns true if an anonymous socket connected before `atMs` and has no show open. */
const isIdleSince = (socket: UsherSocket, atMs: number): boolean =>
  socket.data.credentialId === null && socket.rooms.size <= countOwnRooms(socket) && socket.handshake.issued < atMs;

/** The error that refuses a connection. In the client's `connect_error`, `data` is the error body of the contract. */
class HandshakeError extends Error {
  constructor(readonly data: ErrorBody) {
    super(data.code);
  }
}
