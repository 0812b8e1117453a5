import type {
  Acknowledgement,
  ClientAnswer,
  ClientEvent,
  ErrorBody,
  ServerEvent,
  ServerPayload,
  ServerToClientEvents,
  Session,
} from '@usher/contract';
import { io as connectTo, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { ChangeSignal, waitForValue } from './wait-for-value.js';

/** Maximum time that a test waits for an answer or an event. */
const deadlineMs = 10_000;

/** A Socket.IO client, written only from the contract. It keeps all events that it receives. */
export class TestSocket {
  readonly received: { event: ServerEvent; payload: ServerPayload<ServerEvent> }[] = [];
  private readonly arrivals = new ChangeSignal();

  private constructor(readonly io: Socket<ServerToClientEvents, Record<string, (...args: unknown[]) => void>>) {
    this.io.onAny((event: ServerEvent, payload: ServerPayload<ServerEvent>) => {
      this.received.push({ event, payload });
      this.arrivals.notify();
    });
  }

  /** Connects. Without a token, the server creates a session. @throws the server's refusal, with its error as `data` */
  static async connect(url: string, options: Partial<ManagerOptions & SocketOptions> = {}): Promise<TestSocket> {
    const socket = new TestSocket(connectTo(url, { forceNew: true, transports: ['websocket'], ...options }));
    await new Promise<void>((resolve, reject) => {
      socket.io.once('connect', resolve);
      socket.io.once('connect_error', reject);
    });
    return socket;
  }

  /** Waits for the session that the server created. */
  session(): Promise<Session> {
    return this.next('session');
  }

  /** Sends an event. Returns the acknowledgement, which may be a refusal. */
  send(event: string, ...payload: unknown[]): Promise<Acknowledgement<Record<string, unknown>>> {
    return this.io.timeout(deadlineMs).emitWithAck(event, ...payload) as Promise<
      Acknowledgement<Record<string, unknown>>
    >;
  }

  /** Sends an event that must succeed. Returns the answer. */
  async ask<E extends ClientEvent>(event: E, payload: unknown): Promise<ClientAnswer<E>> {
    const answer = await this.send(event, payload);
    if (!answer.ok) throw new Error(`${event} was refused: ${JSON.stringify(answer.error)}`);
    return answer as unknown as ClientAnswer<E>;
  }

  /** Sends an event that the server must refuse. Returns the error. */
  async refused(event: string, ...payload: unknown[]): Promise<ErrorBody> {
    const answer = await this.send(event, ...payload);
    if (answer.ok) throw new Error(`${event} was not refused: ${JSON.stringify(answer)}`);
    return answer.error;
  }

  /** Waits for the first event that matches, also among those already received. Returns each event only once. */
  next<E extends ServerEvent>(
    event: E,
    fits: (payload: ServerPayload<E>) => boolean = () => true,
    withinMs: number = deadlineMs,
  ) {
    const take = () => {
      const index = this.received.findIndex((one) => one.event === event && fits(one.payload as ServerPayload<E>));
      return index < 0 ? undefined : (this.received.splice(index, 1)[0]!.payload as ServerPayload<E>);
    };
    return waitForValue(take, {
      subscribe: this.arrivals.subscribe,
      deadlineMs: withinMs,
      describe: () => `no ${event}; received ${JSON.stringify(this.received)}`,
    });
  }

  close(): void {
    this.io.disconnect();
  }
}
