import type { IncomingMessage } from 'node:http';
import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { MessageMappingProperties } from '@nestjs/websockets';
import type { ClientEvent } from '@usher/contract';
import type { Namespace, ServerOptions, Socket } from 'socket.io';
import { ConnectionLimits } from '../access/limits/connection-limits.js';
import { NodeBus } from './node-bus.js';
import { Overload } from '../access/overload/overload.js';
import { workOf } from './socket-work.js';

/** The longest message that a client may send: ten seats take a few hundred bytes. A longer one ends its connection. */
const payloadBytesMax = 64 * 1024;

/** What is used of Engine.IO's connection. */
interface Connection {
  readonly request: IncomingMessage;
  once(event: 'close', listener: () => void): void;
}

/** Socket.IO as Usher runs it: WebSocket and HTTP long-polling on the service's own port. */
export class UsherIoAdapter extends IoAdapter {
  private readonly bus: NodeBus;
  private readonly limits: ConnectionLimits;
  private readonly overload: Overload;

  constructor(app: INestApplicationContext) {
    super(app);
    this.bus = app.get(NodeBus);
    this.limits = app.get(ConnectionLimits);
    this.overload = app.get(Overload);
  }

  override createIOServer(port: number, options?: ServerOptions) {
    const { bus, limits } = this;
    const server = super.createIOServer(port, {
      ...options,
      // Called with `new`, which an arrow function is not for.
      adapter: function adapter(namespace: Namespace) {
        return bus.adapter(namespace);
      },
      allowRequest: (request, answer) => {
        limits.allows(request).then(
          (isAllowed) => answer(undefined, isAllowed),
          () => answer(undefined, false),
        );
      },
      maxHttpBufferSize: payloadBytesMax,
      // Diffs are a few dozen bytes; a deflate context would cost each connection more memory than it saves traffic.
      perMessageDeflate: false,
      // Seat maps live on the pages of cinemas and partners. There are no cookies for another site to ride on.
      cors: { origin: '*' },
    } as ServerOptions);
    server.engine.on('connection', (connection: Connection) => {
      connection.once('close', limits.opened(connection.request));
    });
    return server;
  }

  /**
   * Acknowledges each event with what its handler answers. Nest's own version makes a stream of every event, which cost
   * a node a quarter of what a whole reservation does.
   */
  override bindMessageHandlers(socket: Socket, handlers: MessageMappingProperties[]): void {
    for (const handler of handlers) {
      socket.on(handler.message, (...sent: unknown[]) => void this.answer(socket, handler, sent));
    }
  }

  private async answer(socket: Socket, handler: MessageMappingProperties, sent: readonly unknown[]): Promise<void> {
    const acknowledge = sent.find(isAcknowledge);
    const payload = isAcknowledge(sent[0]) ? undefined : sent[0];
    const done = workOf(socket).begin();
    try {
      const refusal = isNewWork.has(handler.message) ? this.overload.refusal() : null;
      if (refusal) acknowledge?.({ ok: false, error: refusal });
      else await acknowledged(handler, payload, acknowledge);
    } finally {
      done();
    }
  }
}

/** Events that a node past what it can do refuses; the others give back, or finish what was begun. */
const isNewWork: ReadonlySet<string> = new Set<ClientEvent>(['show:join', 'reservation:create', 'queue:join']);

type Acknowledge = (answer: unknown) => void;

const isAcknowledge = (sent: unknown): sent is Acknowledge => typeof sent === 'function';

async function acknowledged(
  { callback }: MessageMappingProperties,
  payload: unknown,
  acknowledge: Acknowledge | undefined,
): Promise<void> {
  // Failures are acknowledged by the gateway's filter, and there is no answer then.
  const answered: unknown = await callback(payload, acknowledge);
  if (acknowledge && answered !== undefined) acknowledge(answered);
}
