import { type ClientEvent, type ServerEvent, type Session, ShowVersion } from '@usher/contract';
import { io as connectTo, type Socket } from 'socket.io-client';
import { validate } from '../support/contract-shapes.js';
import { Follower } from './follower.js';
import type { Entry, Recorder } from './history.js';
import { Answer, type CallPayload, ReceivedPayload } from './messages.js';

/** Maximum time until a connection opens and maximum time until an answer comes. */
const connectMsMax = 3000;
const answerMsMax = 7000;

/** How long a client waits for a missing diff before it asks for it, in ms. The contract sets this time. */
const gapMs = 250;

/** A way into the service: an address, and a show id for the query string, by which nginx chooses the node. */
export interface Entrance {
  readonly url: string;
  readonly showId: number;
}

/**
 * One connection of a buyer through socket.io-client. It records all messages and keeps the maps of its shows up to
 * date.
 */
export class RecordedSocket {
  readonly number: number;
  private readonly follower: Follower;
  private readonly stopListening: () => void;
  private readonly gapTimers = new Map<number, NodeJS.Timeout>();
  private isClosed = false;

  private constructor(
    private readonly io: Socket,
    readonly session: Session,
    private readonly buyer: string,
    private readonly recorder: Recorder,
  ) {
    this.number = recorder.nextNumber();
    this.follower = new Follower(this.number);
    this.stopListening = recorder.listen((entry) => this.follow(entry));
    recorder.record({ kind: 'connected', socket: this.number, buyer, sessionId: session.sessionId });
    io.on('disconnect', (reason) => this.recordDisconnect(reason));
    this.onEvent((event, payload) => {
      recorder.record({ kind: 'received', socket: this.number, event, payload });
    });
  }

  /**
   * Connects with the given session, or with a new one if it is null. Returns null if no node accepts the connection.
   */
  static async connect(
    { url, showId }: Entrance,
    session: Session | null,
    buyer: string,
    recorder: Recorder,
    transport: 'websocket' | 'polling' = 'websocket',
  ): Promise<RecordedSocket | null> {
    const io = connectTo(url, {
      forceNew: true,
      reconnection: false,
      transports: [transport],
      timeout: connectMsMax,
      query: { showId },
      auth: session ? { token: session.token } : {},
    });
    const { promise, resolve } = Promise.withResolvers<Session | null>();
    let reason = 'no answer in time';
    const fail = (why: string) => {
      reason = why;
      resolve(null);
    };
    const timer = setTimeout(() => resolve(null), connectMsMax);
    io.once('connect_error', ({ message }) => fail(message));
    io.once('disconnect', fail);
    if (session) io.once('connect', () => resolve(session));
    else io.once('session', resolve);
    const known = await promise;
    clearTimeout(timer);
    if (!known || !io.connected) {
      io.disconnect();
      recorder.record({ kind: 'connectionFailed', buyer, reason });
      return null;
    }
    io.removeAllListeners();
    return new RecordedSocket(io, known, buyer, recorder);
  }

  get isOpen(): boolean {
    return !this.isClosed;
  }

  /** Returns the client's map of a show, or null if the client has none. */
  map(showId: number) {
    return this.follower.map(showId);
  }

  /** Sends an event and returns the answer. Returns null if no answer came, which leaves the outcome unknown. */
  async call(event: ClientEvent, payload: CallPayload): Promise<Answer | null> {
    const call = this.recorder.nextNumber();
    const { sessionId } = this.session;
    this.recorder.record({ kind: 'call', call, socket: this.number, sessionId, event, payload });
    let answer: unknown;
    try {
      answer = await this.io.timeout(answerMsMax).emitWithAck(event, payload);
    } catch (error) {
      this.recorder.record({ kind: 'lost', call, reason: error instanceof Error ? error.message : String(error) });
      return null;
    }
    const known = validate(Answer, answer);
    this.recorder.record({ kind: 'answer', call, answer: known });
    return known;
  }

  /** Calls the listener for each event from the server. */
  onEvent(listener: (event: ServerEvent, payload: ReceivedPayload) => void): void {
    this.io.onAny((event: ServerEvent, payload: unknown) => listener(event, validate(ReceivedPayload, payload)));
  }

  close(): void {
    this.io.disconnect();
    this.recordDisconnect('closed');
  }

  private recordDisconnect(reason: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.recorder.record({ kind: 'disconnected', socket: this.number, reason });
    this.stopListening();
    for (const timer of this.gapTimers.values()) clearTimeout(timer);
  }

  private follow(entry: Entry): void {
    const showId = this.follower.feed(entry);
    if (showId !== null && this.follower.hasGap(showId)) this.closeGap(showId);
    if (entry.kind === 'received' && entry.socket === this.number && entry.event === 'show:version') {
      const { showId: versionedId, version } = validate(ShowVersion, entry.payload);
      const map = this.map(versionedId);
      if (map && map.version < version) void this.sync(versionedId);
    }
  }

  private closeGap(showId: number): void {
    if (this.gapTimers.has(showId)) return;
    const timer = setTimeout(() => {
      this.gapTimers.delete(showId);
      if (this.follower.hasGap(showId)) void this.sync(showId);
    }, gapMs);
    this.gapTimers.set(showId, timer);
  }

  private async sync(showId: number): Promise<void> {
    const map = this.map(showId);
    if (!map || this.isClosed) return;
    await this.call('show:sync', { showId, since: map.version });
    // If the service refused the sync or did not answer, the client asks again as long as the gap exists.
    if (this.follower.hasGap(showId)) this.closeGap(showId);
  }
}
