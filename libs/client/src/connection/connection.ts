import { type ClientToServerEvents, type ErrorBody, isErrorBody, type ServerToClientEvents } from '@usher/contract';
import { io, type Socket } from 'socket.io-client';
import { toUsherError, UsherError } from '../common/errors.js';
import { backoffMs, delay, retryDelayMs } from '../common/retry.js';
import type { SessionKeeper } from '../session/session-keeper.js';

type UsherSocket = Socket<ServerToClientEvents, ClientToServerEvents>;
/** The events that the server sends over the socket. */
export type ServerEvents = Pick<UsherSocket, 'on'>;
type Acknowledgement<T> = ({ ok: true } & T) | { ok: false; error: ErrorBody };
/** Sends one event and returns its acknowledgement. Rejects if the connection is lost or the timeout is over. */
export type Emit<T> = (socket: ReturnType<UsherSocket['timeout']>) => Promise<Acknowledgement<T>>;

/**
 * Longest wait for an acknowledgement. After that, the client assumes that the event or its answer was lost, and sends
 * the same event again.
 */
const attemptTimeoutMs = 4_000;
const firstReconnectDelayMs = 250;
/**
 * Longest pause between two connection attempts. Even after a long outage, the client finds the service again within
 * this time.
 */
const maxReconnectDelayMs = 1_250;
/**
 * Longest wait for a handshake. After that, the client assumes that a device between it and the service drops WebSocket
 * traffic.
 */
const handshakeTimeoutMs = 8_000;
const firstRefusedDelayMs = 500;
const maxRefusedDelayMs = 30_000;
/** When the machine wakes up, a connection attempt younger than this continues. The client restarts an older one. */
const minAttemptAgeMs = 3_000;
/** Shortest request timeout after which silence means a dead connection rather than a slow server. */
const minSilenceMs = 2_500;

/** Options of a {@link Connection}. */
export interface ConnectionOptions {
  /** The absolute URL of the service. */
  readonly url: string;
  readonly apiKey?: string | undefined;
  readonly transports?: ('websocket' | 'polling')[] | undefined;
}

/** Receives the state changes of a {@link Connection}. */
export interface ConnectionListener {
  /**
   * Called after the first connection and after each later one. The server has then forgotten all rooms that this
   * client joined over earlier connections.
   */
  onConnected(): void;
  onDisconnected(): void;
  /** Called if the server was reached but refused the connection. The connection retries with a growing delay. */
  onRefused(error: UsherError): void;
}

/** The client's only socket. It connects, reconnects, and sends the session's token. It knows nothing about shows. */
export class Connection {
  private readonly socket: UsherSocket;
  private readonly transports: ('websocket' | 'polling')[];
  private waiters: (() => void)[] = [];
  private refusalCount = 0;
  private reconnectTimer: ReturnType<typeof setTimeout> | null = null;
  private sentToken: string | null = null;
  /** Number of connections so far. It shows whether the client has reconnected since an event was sent. */
  private connectionCount = 0;
  private disconnectedAt = 0;
  private lastMessageAt = 0;
  private state: 'idle' | 'started' | 'closed' = 'idle';

  /**
   * @param viewedShow returns a show that the user is viewing, or null. The connection calls it before each handshake
   *   and sends the show id. A load balancer can then choose that show's node, so that the other nodes need not load
   *   its map. Every node can serve every show, so one connection is enough for all shows.
   */
  constructor(
    options: ConnectionOptions,
    private readonly keeper: SessionKeeper,
    private readonly listener: ConnectionListener,
    viewedShow: () => number | null,
  ) {
    this.transports = options.transports ?? ['websocket', 'polling'];
    const url = new URL(options.url);
    this.socket = io(url.origin, {
      path: `${url.pathname.replace(/\/+$/, '')}/socket.io`,
      transports: this.transports,
      tryAllTransports: true,
      timeout: handshakeTimeoutMs,
      autoConnect: false,
      // Two clients on one page have two sessions, so they cannot share a connection.
      forceNew: true,
      reconnectionDelay: firstReconnectDelayMs,
      reconnectionDelayMax: maxReconnectDelayMs,
      // Socket.IO reads this getter for each connection, so the query always names the show that is viewed now.
      get query() {
        const showId = viewedShow();
        return showId === null ? {} : { showId: String(showId) };
      },
      auth: (sendAuth) => void this.authenticate(options.apiKey).then(sendAuth),
    });
    this.socket.onAny(() => this.recordMessage());
    this.socket.io.on('ping', () => this.recordMessage());
    this.socket.io.on('close', () => (this.socket.io.opts.transports = this.transports));
    this.socket.on('connect', () => this.onConnect());
    this.socket.on('disconnect', (reason) => this.onDisconnect(reason));
    this.socket.on('connect_error', (error) => this.onConnectError(error));
    this.socket.on('session', (session) => {
      this.sentToken = session.token;
      this.keeper.adopt(session);
    });
  }

  /** The events that the server sends. */
  get events(): ServerEvents {
    return this.socket;
  }

  get isConnected(): boolean {
    return this.socket.connected;
  }

  get isStarted(): boolean {
    return this.state === 'started';
  }

  /** Starts to connect. Calls after the first have no effect. */
  start(): void {
    if (this.state !== 'idle') return;
    this.state = 'started';
    this.disconnectedAt = performance.now();
    this.socket.connect();
  }

  /** Called after the machine woke up or the network returned. Connects at once if the client is disconnected. */
  reconnectAfterWake(): void {
    // Starting again would only delay an attempt that has just begun.
    if (!this.isConnected && performance.now() - this.disconnectedAt > minAttemptAgeMs) this.restart();
  }

  /** Drops the connection, even if it works, and connects again at once. */
  restart(): void {
    if (this.state !== 'started' || this.reconnectTimer !== null) return;
    this.socket.disconnect();
    this.disconnectedAt = performance.now();
    this.socket.connect();
  }

  /** Disconnects, and connects again when `work` has ended. */
  async whileDisconnected<T>(work: () => Promise<T>): Promise<T> {
    this.socket.disconnect();
    try {
      return await work();
    } finally {
      if (this.state === 'started') this.socket.connect();
    }
  }

  /** Closes the connection for good. Requests in progress reject with `NETWORK`. */
  close(): void {
    this.state = 'closed';
    if (this.reconnectTimer !== null) clearTimeout(this.reconnectTimer);
    this.socket.disconnect();
    this.releaseWaiters();
  }

  /**
   * Sends an event once over the current connection.
   *
   * @throws UsherError the server's refusal. `TIMEOUT` if no acknowledgement came in time. `NETWORK` if the client is not
   *   connected, or if it loses the connection before the acknowledgement
   */
  async sendOnce<T>(emit: Emit<T>, timeoutMs: number = attemptTimeoutMs): Promise<T> {
    const { connectionCount } = this;
    const sentAt = performance.now();
    if (!this.isConnected) throw UsherError.network('Not connected');
    let answer: Acknowledgement<T>;
    try {
      answer = await emit(this.socket.timeout(timeoutMs));
    } catch (error) {
      if (!this.isConnected || this.connectionCount !== connectionCount) {
        throw UsherError.network('The connection was lost', error);
      }
      // If no message at all has come since the event was sent, the connection is probably dead. The next attempt needs
      // a working connection.
      if (this.lastMessageAt < sentAt && timeoutMs >= minSilenceMs) this.restart();
      throw UsherError.timeout(`No answer within ${timeoutMs} ms`);
    }
    this.recordMessage();
    if (answer.ok) {
      this.refusalCount = 0;
      return answer;
    }
    const error = toUsherError(answer.error);
    if (error.code === 'UNAUTHENTICATED') this.renewSession(connectionCount);
    throw error;
  }

  /**
   * Sends an event repeatedly until the server answers, over as many connections as needed. Use this only for events
   * that the server may safely receive twice.
   *
   * @param timeoutMs the time limit for all attempts and the delays between them
   * @throws UsherError the server's refusal, `TIMEOUT`, or `NETWORK` if the client is closed
   */
  async sendUntilAnswered<T>(emit: Emit<T>, timeoutMs: number): Promise<T> {
    const deadline = performance.now() + timeoutMs;
    const remainingMs = (): number => deadline - performance.now();
    for (let attempt = 0; ; attempt++) {
      await this.waitForConnection(remainingMs());
      try {
        return await this.sendOnce(emit, Math.min(remainingMs(), attemptTimeoutMs));
      } catch (thrown) {
        const error = toUsherError(thrown);
        const delayMs = retryDelayMs(error, attempt);
        if (delayMs === null) throw error;
        if (delayMs >= remainingMs()) {
          throw error.body ? error : UsherError.timeout(`No answer within ${timeoutMs} ms`);
        }
        await delay(delayMs);
      }
    }
  }

  /**
   * Resolves when the client is connected. Rejects with `TIMEOUT` after `timeoutMs`, or with `NETWORK` if the client is
   * closed.
   */
  private async waitForConnection(timeoutMs: number): Promise<void> {
    if (this.state !== 'closed' && !this.isConnected) {
      this.start();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.waiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    if (this.state === 'closed') throw UsherError.network('The client is closed');
    if (!this.isConnected) throw UsherError.timeout('The server could not be reached in time');
  }

  private releaseWaiters(): void {
    for (const release of this.waiters.splice(0)) release();
  }

  private async authenticate(apiKey: string | undefined): Promise<{ token?: string; apiKey?: string }> {
    await this.keeper.waitForCreation();
    const token = this.keeper.current?.token;
    this.sentToken = token ?? null;
    return { ...(token !== undefined && { token }), ...(apiKey !== undefined && { apiKey }) };
  }

  private recordMessage(): void {
    this.lastMessageAt = performance.now();
  }

  private onConnect(): void {
    this.connectionCount++;
    this.recordMessage();
    this.listener.onConnected();
    this.releaseWaiters();
  }

  private onDisconnect(reason: Socket.DisconnectReason): void {
    if (this.state !== 'started') return;
    this.disconnectedAt = performance.now();
    this.listener.onDisconnected();
    // After this reason, Socket.IO does not reconnect by itself. It does after every other reason that this client did
    // not cause.
    if (reason === 'io server disconnect') this.connectLater();
  }

  private onConnectError(error: Error): void {
    const body: unknown = Reflect.get(error, 'data');
    if (!isErrorBody(body)) {
      // Socket.IO tries the next transport only after an error. If WebSocket traffic disappears without an error, the
      // next attempt must start with polling. Only that one attempt starts with polling, because polling does not work
      // on every cluster.
      const isHandshakeTimeout = error.message === 'timeout';
      this.socket.io.opts.transports = isHandshakeTimeout ? this.transports.toReversed() : this.transports;
      // If the server was not reached, Socket.IO retries by itself. It does not retry if a server other than Usher
      // refused the connection.
      if (!this.socket.active) this.connectLater();
      return;
    }
    // A damaged token may not match the schema. The server then answers with INVALID_REQUEST.
    if (body.code === 'UNAUTHENTICATED' || body.code === 'INVALID_REQUEST') this.dropToken();
    this.listener.onRefused(UsherError.of(body));
    this.connectLater('retryAfterMs' in body ? body.retryAfterMs : 0);
  }

  private dropToken(): void {
    if (this.sentToken !== null) this.keeper.drop(this.sentToken);
  }

  private renewSession(connectionCount: number): void {
    // The server may refuse several requests of one connection. Only the first refusal starts a new connection.
    if (connectionCount !== this.connectionCount || !this.isConnected) return;
    this.dropToken();
    this.socket.disconnect();
    this.connectLater();
  }

  private connectLater(minDelayMs = 0): void {
    if (this.state !== 'started' || this.reconnectTimer !== null) return;
    const delayMs = Math.max(minDelayMs, backoffMs(this.refusalCount++, firstRefusedDelayMs, maxRefusedDelayMs));
    this.reconnectTimer = setTimeout(() => {
      this.reconnectTimer = null;
      this.socket.connect();
    }, delayMs);
  }
}
