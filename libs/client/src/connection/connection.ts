import { type ClientToServerEvents, type ErrorBody, isErrorBody, type ServerToClientEvents } from '@usher/contract';
import { io, type Socket } from 'socket.io-client';
import { toUsherError, UsherError } from '../common/errors.js';
import { backOff, delay, retryDelay } from '../common/retry.js';
import type { SessionKeeper } from '../session/session-keeper.js';
import type { UsherOptions } from '../types.js';

type UsherSocket = Socket<ServerToClientEvents, ClientToServerEvents>;
type Answer<T> = ({ ok: true } & T) | { ok: false; error: ErrorBody };
/** Sends one event and answers its acknowledgement; rejects when the connection is lost or the time is over. */
export type Emit<T> = (socket: ReturnType<UsherSocket['timeout']>) => Promise<Answer<T>>;

/** An acknowledgement later than this counts as lost: the same is sent again. */
const ATTEMPT_MS = 4_000;
const RECONNECT_FIRST_MS = 250;
/** The longest pause between two attempts: a service that is back is found within it, however long it was away. */
const RECONNECT_MAX_MS = 1_250;
/** A handshake later than this counts as swallowed on the way. */
const CONNECT_MS = 8_000;
const REFUSED_FIRST_MS = 500;
const REFUSED_MAX_MS = 30_000;
const WAKE_MS = 3_000;
/** An answer may take so long over a connection that carries nothing else. */
const SILENT_MS = 2_500;

/** Who hears what comes over the connection. */
export interface ConnectionListener {
  /** Connected, for the first time or again; whatever was joined before is forgotten by the server. */
  up(): void;
  down(): void;
  /** Reached, but not let in. Tried again with a growing pause. */
  refused(error: UsherError): void;
}

/** The socket: connects, gets back, proves the session. It knows no shows. */
export class Connection {
  private readonly socket: UsherSocket;
  private readonly transports: ('websocket' | 'polling')[];
  private waiting: (() => void)[] = [];
  private refusals = 0;
  private pause: ReturnType<typeof setTimeout> | null = null;
  private tokenSent: string | null = null;
  /** Counts connections; tells an acknowledgement that was too late from one that could not come any more. */
  private epoch = 0;
  private downSince = 0;
  /** When anything last came from the server. */
  private heardAt = 0;
  private state: 'idle' | 'started' | 'closed' = 'idle';

  /**
   * @param showInView a show that is looked at, or null; asked at each connection. Balancers send it to that show's node,
   *   which spares the other nodes its map. It is a wish: every node serves every show, so one connection does for all.
   */
  constructor(
    options: UsherOptions,
    private readonly keeper: SessionKeeper,
    private readonly listener: ConnectionListener,
    showInView: () => number | null,
  ) {
    this.transports = options.transports ?? ['websocket', 'polling'];
    const url = new URL(options.url);
    this.socket = io(url.origin, {
      path: `${url.pathname.replace(/\/+$/, '')}/socket.io`,
      transports: this.transports,
      tryAllTransports: true,
      timeout: CONNECT_MS,
      autoConnect: false,
      // Two clients on one page are two sessions, so they cannot share a connection.
      forceNew: true,
      reconnectionDelay: RECONNECT_FIRST_MS,
      reconnectionDelayMax: RECONNECT_MAX_MS,
      // Read anew for each connection, as what is looked at changes.
      get query() {
        const showId = showInView();
        return showId === null ? {} : { showId: String(showId) };
      },
      auth: (give) => void this.authenticate(options.apiKey).then(give),
    });
    this.socket.onAny(() => this.heard());
    this.socket.io.on('ping', () => this.heard());
    this.socket.io.on('close', () => (this.socket.io.opts.transports = this.transports));
    this.socket.on('connect', () => this.onUp());
    this.socket.on('disconnect', (reason) => this.onDown(reason));
    this.socket.on('connect_error', (error) => this.onRefused(error));
    this.socket.on('session', (session) => {
      this.tokenSent = session.token;
      this.keeper.adopt(session);
    });
  }

  /** The socket's events of the server, for those who route them. */
  get events(): Pick<UsherSocket, 'on'> {
    return this.socket;
  }

  get isConnected(): boolean {
    return this.socket.connected;
  }

  get isStarted(): boolean {
    return this.state === 'started';
  }

  /** Connects, unless it has been said before. */
  start(): void {
    if (this.state !== 'idle') return;
    this.state = 'started';
    this.downSince = performance.now();
    this.socket.connect();
  }

  /** Something woke up: if we are in a pause between two attempts, it need not be waited for. */
  wake(): void {
    // An attempt that has just begun would only be set back.
    if (!this.isConnected && performance.now() - this.downSince > WAKE_MS) this.restart();
  }

  /** Drops the connection, alive or not, and makes a new one at once. */
  restart(): void {
    if (this.state !== 'started' || this.pause !== null) return;
    this.socket.disconnect();
    this.downSince = performance.now();
    this.socket.connect();
  }

  /** Ends it for good; requests that are under way reject with `NETWORK`. */
  close(): void {
    this.state = 'closed';
    if (this.pause !== null) clearTimeout(this.pause);
    this.socket.disconnect();
    this.wakeWaiting();
  }

  /**
   * Sends once, over the connection as it is.
   *
   * @throws UsherError the server's refusal; `TIMEOUT` when it did not answer in time; `NETWORK` when the connection is
   *   not there, or is lost before the answer
   */
  async send<T>(emit: Emit<T>, timeoutMs: number = ATTEMPT_MS): Promise<T> {
    const { epoch } = this;
    const sentAt = performance.now();
    if (!this.isConnected) throw UsherError.network('Not connected');
    let answer: Answer<T>;
    try {
      answer = await emit(this.socket.timeout(timeoutMs));
    } catch (error) {
      if (!this.isConnected || this.epoch !== epoch) throw UsherError.network('The connection was lost', error);
      // Not a sound since: more likely a dead connection than a slow server, and the next attempt wants a live one.
      if (this.heardAt < sentAt && timeoutMs >= SILENT_MS) this.restart();
      throw UsherError.timeout(`No answer within ${timeoutMs} ms`);
    }
    this.heard();
    if (answer.ok) {
      this.refusals = 0;
      return answer;
    }
    const error = toUsherError(answer.error);
    if (error.code === 'UNAUTHENTICATED') this.renewSession(epoch);
    throw error;
  }

  /**
   * Sends again and again, over as many connections as it takes, until there is an answer. Only for what may be sent
   * twice.
   *
   * @param timeoutMs for all attempts and the pauses between them
   * @throws UsherError the server's refusal; `TIMEOUT`; `NETWORK` once closed
   */
  async ask<T>(emit: Emit<T>, timeoutMs: number): Promise<T> {
    const deadline = performance.now() + timeoutMs;
    const left = (): number => deadline - performance.now();
    for (let attempt = 0; ; attempt++) {
      await this.connected(left());
      try {
        return await this.send(emit, Math.min(left(), ATTEMPT_MS));
      } catch (thrown) {
        const error = toUsherError(thrown);
        const pause = retryDelay(error, attempt);
        if (pause === null) throw error;
        if (pause >= left()) throw error.body ? error : UsherError.timeout(`No answer within ${timeoutMs} ms`);
        await delay(pause);
      }
    }
  }

  /** Fulfilled once connected; rejects with `TIMEOUT` after `timeoutMs`, with `NETWORK` once closed. */
  private async connected(timeoutMs: number): Promise<void> {
    if (this.state !== 'closed' && !this.isConnected) {
      this.start();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    if (this.state === 'closed') throw UsherError.network('Closed');
    if (!this.isConnected) throw UsherError.timeout('The server could not be reached in time');
  }

  private wakeWaiting(): void {
    for (const wake of this.waiting.splice(0)) wake();
  }

  private async authenticate(apiKey: string | undefined): Promise<{ token?: string; apiKey?: string }> {
    await this.keeper.settled();
    const token = this.keeper.current?.token;
    this.tokenSent = token ?? null;
    return { ...(token !== undefined && { token }), ...(apiKey !== undefined && { apiKey }) };
  }

  private heard(): void {
    this.heardAt = performance.now();
  }

  private onUp(): void {
    this.epoch++;
    this.heard();
    this.listener.up();
    this.wakeWaiting();
  }

  private onDown(reason: Socket.DisconnectReason): void {
    if (this.state !== 'started') return;
    this.downSince = performance.now();
    this.listener.down();
    // Of the ends that are not our own, this is the one after which socket.io leaves coming back to us.
    if (reason === 'io server disconnect') this.connectLater();
  }

  private onRefused(error: Error): void {
    const body: unknown = Reflect.get(error, 'data');
    if (!isErrorBody(body)) {
      // Socket.io goes on to the next transport only after an error. Where WebSockets vanish without one, the next
      // attempt has to begin with polling; only that one, as polling does not get through to every cluster.
      const isSwallowed = error.message === 'timeout';
      this.socket.io.opts.transports = isSwallowed ? this.transports.toReversed() : this.transports;
      // Not reached; socket.io tries again by itself, unless it was a refusal in words that are not ours.
      if (!this.socket.active) this.connectLater();
      return;
    }
    // A token can also be so broken that it does not even fit the schema.
    if (body.code === 'UNAUTHENTICATED' || body.code === 'INVALID_REQUEST') this.dropToken();
    this.listener.refused(UsherError.of(body));
    this.connectLater('retryAfterMs' in body ? body.retryAfterMs : 0);
  }

  private dropToken(): void {
    if (this.tokenSent !== null) this.keeper.drop(this.tokenSent);
  }

  private renewSession(epoch: number): void {
    // Several requests may hear it of the same connection; only the first starts another.
    if (epoch !== this.epoch || !this.isConnected) return;
    this.dropToken();
    this.socket.disconnect();
    this.connectLater();
  }

  private connectLater(atLeastMs = 0): void {
    if (this.state !== 'started' || this.pause !== null) return;
    const pauseMs = Math.max(atLeastMs, backOff(this.refusals++, REFUSED_FIRST_MS, REFUSED_MAX_MS));
    this.pause = setTimeout(() => {
      this.pause = null;
      this.socket.connect();
    }, pauseMs);
  }
}
