import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Logger, type OnModuleDestroy } from '@nestjs/common';
import { type OnGatewayConnection, type OnGatewayInit, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import {
  type ErrorBody,
  type LineName,
  type QueueMoved,
  type ServerEvent,
  type ServerPayload,
  type Session,
  type ShowChanged,
  type ShowVersion,
  SocketAuth,
} from '@usher/contract';
import { Subject } from 'rxjs';
import { DomainError } from '../common/domain-error.js';
import { invalidRequest } from '../common/invalid-request.js';
import { CONFIG, type Config } from '../config/config.js';
import { ApiKeyChecks } from '../access/api-keys/api-key-checks.service.js';
import { clientAddress } from '../access/limits/client-address.js';
import { CallLimits } from '../access/limits/call-limits.service.js';
import { toErrorBody } from '../transport/problem.js';
import { lineRoom, sessionRoom, showOfRoom, showRoom } from './rooms.js';
import { SessionTokens } from '../access/sessions/session-tokens.service.js';
import { ShowBroadcaster } from './show-broadcaster.service.js';
import { limitEvents, limitUnread, refuseUnknownEvents, roomsMax } from './socket-limits.js';
import { workOf } from './socket-work.js';
import type { UsherServer, UsherSocket } from './socket.js';

/** Every socket is in a room of its own and in its session's. */
const ownRooms = 2;

/** How often the tokens of connected sockets are checked. One check of 20,000 sockets takes less than 1 ms. */
const renewalIntervalMs = 5000;

/** A socket that left a show. */
export interface Departure {
  readonly showId: number;
  readonly sessionId: string;
  /** Whether the last socket of the session left by its own wish; else the connection of one of them ended. */
  readonly isChosen: boolean;
}

/** The handshake: who a socket is, before any feature hears of it. */
@WebSocketGateway()
export class RealtimeGateway implements OnGatewayInit<UsherServer>, OnGatewayConnection<UsherSocket>, OnModuleDestroy {
  private readonly logger = new Logger(RealtimeGateway.name);
  @WebSocketServer() private readonly server: UsherServer;
  /** Sessions that were made or renewed in a handshake, until their socket is connected and can receive them. */
  private readonly given = new WeakMap<UsherSocket, Session>();
  private renewals: NodeJS.Timeout | undefined;
  /** Connections that have sent a handshake. */
  private readonly connections = new WeakSet<object>();
  /** Sockets that leave a show, by their own wish or because their connection ended. */
  readonly departures = new Subject<Departure>();

  constructor(
    private readonly tokens: SessionTokens,
    private readonly keyChecks: ApiKeyChecks,
    private readonly limits: CallLimits,
    @Inject(CONFIG) private readonly config: Config,
    private readonly broadcaster: ShowBroadcaster,
  ) {}

  afterInit(server: UsherServer): void {
    this.broadcaster.attach(server);
    this.renewals = setInterval(() => this.renewTokens(), renewalIntervalMs).unref();
    server.use((socket, next) => {
      this.identify(socket).then(
        () => next(),
        (error: unknown) => next(new HandshakeError(toErrorBody(error, this.logger))),
      );
    });
  }

  onModuleDestroy(): void {
    clearInterval(this.renewals);
  }

  async handleConnection(socket: UsherSocket): Promise<void> {
    // Before anything else is awaited, because the session is the first event of a socket without a token.
    const session = this.given.get(socket);
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
    await socket.join(sessionRoom(socket.data.sessionId));
  }

  /**
   * Sends every socket away, each when it has its answers, spread over some time so that they do not all come to the
   * next node at once. Socket.IO's clients come back by themselves from a connection that ends so.
   */
  async sendAway(overMs: number): Promise<void> {
    const sockets = [...this.server.of('/').sockets.values()];
    const isSentAway = sockets.map(async (socket) => {
      socket.emit('node:leaving', { withinMs: overMs });
      await delay(Math.random() * overMs);
      await workOf(socket).whenIdle();
      // Not `disconnect`: from that, clients do not come back. What waits to be sent goes first.
      socket.conn.close();
    });
    await Promise.all(isSentAway);
  }

  /** The shows that sockets of this node look at. */
  showsInView(): number[] {
    return [...this.server.of('/').adapter.rooms.keys()].flatMap((room) => showOfRoom(room) ?? []);
  }

  /** Before anything is done for a socket that will enter a show's room. @throws DomainError `RATE_LIMITED` */
  requireRoom(socket: UsherSocket, showId: number): void {
    this.requirePlaceFor(socket, showRoom(showId));
  }

  /** Lets a socket into a show's room. @throws DomainError `RATE_LIMITED` when it looks at too many shows */
  enter(socket: UsherSocket, showId: number): Promise<void> {
    return this.join(socket, showRoom(showId));
  }

  /** Lets a socket hear how a line moves. @throws DomainError `RATE_LIMITED` */
  enterLine(socket: UsherSocket, showId: number, line: LineName): Promise<void> {
    return this.join(socket, lineRoom(showId, line));
  }

  /** A socket leaves a show's room and its lines' by its own wish. */
  async leave(socket: UsherSocket, showId: number): Promise<void> {
    const { sessionId } = socket.data;
    const wasThere = socket.rooms.has(showRoom(showId));
    await Promise.all([
      socket.leave(showRoom(showId)),
      socket.leave(lineRoom(showId, 'seats')),
      socket.leave(lineRoom(showId, 'entry')),
    ]);
    const isLast = ![...this.localSockets(sessionRoom(sessionId))].some(({ rooms }) => rooms.has(showRoom(showId)));
    if (wasThere && isLast) this.departures.next({ showId, sessionId, isChosen: true });
  }

  /** Takes a session's sockets on this node out of a show's room. @returns whether any was there */
  expel(sessionId: string, showId: number): boolean {
    const there = this.localSockets(sessionRoom(sessionId)).filter(({ rooms }) => rooms.has(showRoom(showId)));
    for (const socket of there) void socket.leave(showRoom(showId));
    return there.length > 0;
  }

  /** Takes a session's sockets on this node out of a line's room. */
  leaveLine(sessionId: string, showId: number, line: LineName): void {
    this.server.local.in(sessionRoom(sessionId)).socketsLeave(lineRoom(showId, line));
  }

  /** Tells those in a line, on this node, how it moved. */
  sendMoved(moved: QueueMoved): void {
    this.server.local.to(lineRoom(moved.showId, moved.line)).emit('queue:moved', moved);
  }

  /** The sessions that stand in a line and have a socket on this node that listens. */
  sessionsInLine(showId: number, line: LineName): Set<string> {
    return new Set(this.localSockets(lineRoom(showId, line)).map(({ data }) => data.sessionId));
  }

  /** The sessions that have a socket on this node that looks at a show. */
  sessionsInShow(showId: number): Set<string> {
    return new Set(this.localSockets(showRoom(showId)).map(({ data }) => data.sessionId));
  }

  /** Tells everyone on this node who has a show open, also those in its lines, that its terms changed. */
  sendShowChanged(message: ShowChanged): void {
    const { showId } = message;
    const rooms = [showRoom(showId), lineRoom(showId, 'seats'), lineRoom(showId, 'entry')];
    this.server.local.to(rooms).emit('show:changed', message);
  }

  /** Tells this node's viewers of a show its version. */
  sendVersion(version: ShowVersion): void {
    this.server.local.to(showRoom(version.showId)).emit('show:version', version);
  }

  /**
   * Tells a session something, on each of its sockets on this node.
   *
   * @param except a socket that knows already, or null
   */
  tellSession<E extends ServerEvent>(
    sessionId: string,
    event: E,
    payload: ServerPayload<E>,
    except: string | null = null,
  ): void {
    const room = sessionRoom(sessionId);
    const here = this.server.of('/').adapter.rooms.get(room);
    // As with most sessions: they have one socket, and that one asked.
    if (!here || (here.size === 1 && except !== null && here.has(except))) return;
    const sockets = this.server.local.to(room);
    const message = [event, payload] as unknown as Parameters<typeof sockets.emit<E>>;
    (except === null ? sockets : sockets.except(except)).emit(...message);
  }

  private localSockets(room: string): UsherSocket[] {
    const { adapter, sockets } = this.server.of('/');
    return [...(adapter.rooms.get(room) ?? [])].flatMap((id) => sockets.get(id) ?? []);
  }

  private async join(socket: UsherSocket, room: string): Promise<void> {
    this.requirePlaceFor(socket, room);
    await socket.join(room);
  }

  private requirePlaceFor(socket: UsherSocket, room: string): void {
    if (socket.rooms.has(room) || socket.rooms.size < roomsMax + ownRooms) return;
    const detail = `One socket may look at ${roomsMax} shows: leave some.`;
    throw new DomainError('RATE_LIMITED', detail, { retryAfterMs: 1000 });
  }

  private async identify(socket: UsherSocket): Promise<void> {
    const address = clientAddress(socket.request, this.config.proxies);
    // The first handshake of a connection was counted when the connection was made. A client can send more of them.
    if (this.connections.has(socket.conn)) await this.limits.countStranger(address);
    this.connections.add(socket.conn);
    const auth = SocketAuth.safeParse(socket.handshake.auth);
    if (!auth.success) throw invalidRequest(auth.error.issues);
    const { apiKey, token } = auth.data;
    if (apiKey !== undefined) await this.keyChecks.holderOf(apiKey, address);
    if (token !== undefined) {
      const verified = this.tokens.read(token);
      await this.limits.countSession(verified.sessionId);
      socket.data = { sessionId: verified.sessionId, tokenExpiresAtMs: verified.expiresAtMs };
      if (this.tokens.isDueForRenewal(verified)) this.give(socket, this.tokens.renew(verified.sessionId));
      return;
    }
    this.give(socket, this.tokens.issue());
  }

  private give(socket: UsherSocket, session: Session): void {
    this.given.set(socket, session);
    socket.data = dataOf(session);
  }

  /** Renews the tokens of sockets that have been connected for so long that their tokens are due. */
  private renewTokens(): void {
    for (const socket of this.server.of('/').sockets.values()) {
      const { sessionId, tokenExpiresAtMs } = socket.data;
      if (!this.tokens.isDueForRenewal({ expiresAtMs: tokenExpiresAtMs })) continue;
      const session = this.tokens.renew(sessionId);
      socket.data = dataOf(session);
      socket.emit('session', session);
    }
  }
}

const dataOf = ({ sessionId, expiresAt }: Session): UsherSocket['data'] => ({
  sessionId,
  tokenExpiresAtMs: Date.parse(expiresAt),
});

/** Refuses a connection: the client's `connect_error` has the contract's error as `data`. */
class HandshakeError extends Error {
  constructor(readonly data: ErrorBody) {
    super(data.code);
  }
}
