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

/** How long a test waits for an answer or an event before it fails. */
const deadlineMs = 10_000;

/** A plain socket.io client, as anyone would write one against the contract, that remembers all it hears. */
export class TestSocket {
  readonly received: { event: ServerEvent; payload: ServerPayload<ServerEvent> }[] = [];
  private readonly listeners = new Set<() => void>();

  private constructor(readonly io: Socket<ServerToClientEvents, Record<string, (...args: unknown[]) => void>>) {
    this.io.onAny((event: ServerEvent, payload: ServerPayload<ServerEvent>) => {
      this.received.push({ event, payload });
      for (const listener of this.listeners) listener();
    });
  }

  /** Connects; without a token the server gives a session. @throws the server's refusal, its error as `data` */
  static async connect(url: string, options: Partial<ManagerOptions & SocketOptions> = {}): Promise<TestSocket> {
    const socket = new TestSocket(connectTo(url, { forceNew: true, transports: ['websocket'], ...options }));
    await new Promise<void>((resolve, reject) => {
      socket.io.once('connect', resolve);
      socket.io.once('connect_error', reject);
    });
    return socket;
  }

  /** The session that the server gave. */
  session(): Promise<Session> {
    return this.next('session');
  }

  /** Sends an event and answers what it is acknowledged with, good or bad. */
  send(event: string, ...payload: unknown[]): Promise<Acknowledgement<Record<string, unknown>>> {
    return this.io.timeout(deadlineMs).emitWithAck(event, ...payload) as Promise<
      Acknowledgement<Record<string, unknown>>
    >;
  }

  /** Sends a client event that must succeed. */
  async ask<E extends ClientEvent>(event: E, payload: unknown): Promise<ClientAnswer<E>> {
    const answer = await this.send(event, payload);
    if (!answer.ok) throw new Error(`${event} was refused: ${JSON.stringify(answer.error)}`);
    return answer as unknown as ClientAnswer<E>;
  }

  /** Sends a client event that must be refused. */
  async refused(event: string, ...payload: unknown[]): Promise<ErrorBody> {
    const answer = await this.send(event, ...payload);
    if (answer.ok) throw new Error(`${event} was not refused: ${JSON.stringify(answer)}`);
    return answer.error;
  }

  /** The first event that fits, heard already or yet to come. Each event is given out once. */
  next<E extends ServerEvent>(
    event: E,
    fits: (payload: ServerPayload<E>) => boolean = () => true,
    withinMs: number = deadlineMs,
  ) {
    return new Promise<ServerPayload<E>>((resolve, reject) => {
      const look = () => {
        const index = this.received.findIndex((one) => one.event === event && fits(one.payload as ServerPayload<E>));
        if (index < 0) return;
        this.listeners.delete(look);
        clearTimeout(timer);
        resolve(this.received.splice(index, 1)[0]!.payload as ServerPayload<E>);
      };
      const timer = setTimeout(() => {
        this.listeners.delete(look);
        reject(new Error(`no ${event} within ${withinMs} ms; heard ${JSON.stringify(this.received)}`));
      }, withinMs);
      timer.unref(); // of several that are waited for, the first may be enough: the others keep no process alive
      this.listeners.add(look);
      look();
    });
  }

  close(): void {
    this.io.disconnect();
  }
}
