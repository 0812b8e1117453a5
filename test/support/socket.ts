import {
  type Acknowledgement,
  type ClientAnswer,
  type ClientEvent,
  clientEvents,
  type ErrorBody,
  isErrorBody,
  type ServerEvent,
  serverEvents,
  type ServerPayload,
  type ServerToClientEvents,
  type Session,
  type ShowJoined,
} from '@usher/contract';
import { io as connectTo, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { z } from 'zod';
import { validate } from './contract-shapes.js';
import { ChangeSignal, waitForValue } from './wait-for-value.js';

/** Maximum time that a test waits for an answer or an event. */
const deadlineMs = 10_000;

/** An event of the server, with the payload of that event. */
export type ReceivedEvent = { [E in ServerEvent]: { event: E; payload: ServerPayload<E> } }[ServerEvent];

const answers: { readonly [E in ClientEvent]: { readonly answer: z.ZodType<ClientAnswer<E>> } } = clientEvents;

type Answer = Acknowledgement<Record<string, unknown>>;

/** Returns the code with which the service refused a connection. @param error thrown by {@link TestSocket.connect} */
export const readRefusalCode = (error: unknown): string =>
  validate(z.object({ data: z.object({ code: z.string() }) }), error).data.code;

/** A Socket.IO client that relies only on the contract. It keeps all events that it receives. */
export class TestSocket {
  readonly received: ReceivedEvent[] = [];
  private readonly arrivals = new ChangeSignal();

  private constructor(readonly io: Socket<ServerToClientEvents, Record<string, (...args: unknown[]) => void>>) {
    this.io.onAny((event: string, payload: unknown) => {
      const received = { event, payload };
      if (!isReceivedEvent(received)) throw new Error(`the contract has no event ${event}`);
      this.received.push(received);
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
  send(event: string, ...payload: unknown[]): Promise<Answer> {
    return this.sendWithin(deadlineMs, event, ...payload);
  }

  /** Sends an event and waits for its acknowledgement, but not longer than `withinMs`. */
  async sendWithin(withinMs: number, event: string, ...payload: unknown[]): Promise<Answer> {
    const answer: unknown = await this.io.timeout(withinMs).emitWithAck(event, ...payload);
    if (!isAcknowledgement(answer)) throw new Error(`${event} got a wrong answer: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** Sends an event that must succeed. Returns the answer. */
  async ask<E extends ClientEvent>(event: E, payload: unknown): Promise<ClientAnswer<E>> {
    const answer = await this.send(event, payload);
    if (!answer.ok) throw new Error(`${event} was refused: ${JSON.stringify(answer.error)}`);
    return validate(answers[event].answer, answer);
  }

  /** Joins a show whose seats the session may see. Returns the snapshot of the seats. */
  async joinOpen(showId: number): Promise<Extract<ShowJoined, { access: 'open' }>> {
    const joined = await this.ask('show:join', { showId });
    if (joined.access !== 'open') throw new Error(`the session waits for entry to show ${showId}`);
    return joined;
  }

  /** Sends an event that the server must refuse. Returns the error. */
  async refused(event: string, ...payload: unknown[]): Promise<ErrorBody> {
    const answer = await this.send(event, ...payload);
    if (answer.ok) throw new Error(`${event} was not refused: ${JSON.stringify(answer)}`);
    return answer.error;
  }

  /** Waits for the first matching event. Events that have already arrived count too. Returns each event only once. */
  next<E extends ServerEvent>(
    event: E,
    fits: (payload: ServerPayload<E>) => boolean = () => true,
    withinMs: number = deadlineMs,
  ) {
    const take = () => {
      const found = this.received.find((one) => isNamed(event, one) && fits(one.payload));
      if (!found || !isNamed(event, found)) return undefined;
      this.received.splice(this.received.indexOf(found), 1);
      return found.payload;
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

/** Returns true if the contract has the event. @throws Error if the payload does not match the contract */
function isReceivedEvent(received: { event: string; payload: unknown }): received is ReceivedEvent {
  if (!isServerEvent(received.event)) return false;
  validate<unknown>(serverEvents[received.event].payload, received.payload);
  return true;
}

const isServerEvent = (event: string): event is ServerEvent => Object.hasOwn(serverEvents, event);

const isNamed = <E extends ServerEvent>(
  event: E,
  received: { event: ServerEvent; payload: unknown },
): received is { event: E; payload: ServerPayload<E> } => received.event === event;

const isAcknowledgement = (answer: unknown): answer is Answer =>
  typeof answer === 'object' &&
  answer !== null &&
  'ok' in answer &&
  (answer.ok === true || ('error' in answer && isErrorBody(answer.error)));
