import type { IncomingMessage } from 'node:http';
import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { MessageMappingProperties } from '@nestjs/websockets';
import type { ClientEvent } from '@usher/contract';
import type { Namespace, ServerOptions, Socket } from 'socket.io';
import { CONFIG, type Config } from '../config/config.js';
import { RawAnswers, requireHost } from '../transport/raw-answers.js';
import { createSecurityHeaders } from '../transport/security-headers.js';
import { callsInFlightOf } from './calls-in-flight.js';
import { ConnectionPolicy } from './connection-policy.js';
import { NodeBus } from './node-bus.js';
import { limitPackets, type PacketConnection } from './packet-limit.js';

/**
 * Maximum size of a message that a client may send. A request for ten seats takes a few hundred bytes. A longer message
 * ends the connection.
 */
const payloadBytesMax = 64 * 1024;

/** The part of Engine.IO's connection that this file uses. */
interface Connection extends PacketConnection {
  readonly request: IncomingMessage;
  once(event: 'close', listener: () => void): void;
}

/**
 * Configures Socket.IO: WebSocket and HTTP long polling on the service's own port, with the Redis adapter if Redis is
 * configured.
 */
export class UsherIoAdapter extends IoAdapter {
  private readonly bus: NodeBus;
  private readonly policy: ConnectionPolicy;
  private readonly config: Config;

  constructor(app: INestApplicationContext) {
    super(app);
    this.bus = app.get(NodeBus);
    this.policy = app.get(ConnectionPolicy);
    this.config = app.get<Config>(CONFIG);
  }

  override createIOServer(port: number, options?: ServerOptions) {
    const { bus, policy, config } = this;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the types want every option, but Socket.IO has defaults
    const server = super.createIOServer(port, {
      ...options,
      // Socket.IO calls this function with `new`, so it cannot be an arrow function.
      adapter: function adapter(namespace: Namespace) {
        return bus.adapter(namespace);
      },
      allowRequest: (request, callback) => {
        policy.accepts(request).then(
          (isAccepted) => callback(undefined, isAccepted),
          () => callback(undefined, false),
        );
      },
      maxHttpBufferSize: payloadBytesMax,
      // Compression is off, because a diff has only a few dozen bytes. The memory of a deflate context for each
      // connection would cost more than the saved traffic.
      perMessageDeflate: false,
      // Cinemas and partners show seat maps in their own pages. Usher uses no cookies, so a hostile site gains nothing
      // from this.
      cors: { origin: config.corsOrigins ?? '*' },
    } as ServerOptions);
    server.engine.use(createSecurityHeaders(config));
    server.engine.use(requireHost);
    new RawAnswers(config).installUpgrades(this.httpServer, server.engine);
    server.engine.on('connection', (connection: Connection) => {
      limitPackets(connection, policy.packetsOf(connection.request));
      connection.once('close', policy.countOpen(connection.request));
    });
    return server;
  }

  /**
   * Acknowledges each event with the answer of its handler. This replaces Nest's own version, which creates a stream
   * for each event. That costs a node a quarter of the time of a whole reservation.
   */
  override bindMessageHandlers(socket: Socket, handlers: MessageMappingProperties[]): void {
    for (const handler of handlers) {
      socket.on(handler.message, (...args: unknown[]) => void this.answer(socket, handler, args));
    }
  }

  private async answer(socket: Socket, handler: MessageMappingProperties, args: readonly unknown[]): Promise<void> {
    const acknowledge = args.find(isAcknowledge);
    const payload = isAcknowledge(args[0]) ? undefined : args[0];
    const end = callsInFlightOf(socket).begin();
    try {
      const refusal = newWorkEvents.has(handler.message) ? this.policy.refuseNewWork() : null;
      if (refusal) acknowledge?.({ ok: false, error: refusal });
      else await runHandler(handler, payload, acknowledge);
    } finally {
      end();
    }
  }
}

/** Events that an overloaded node refuses. All other events give seats back or finish work that has begun. */
const newWorkEvents: ReadonlySet<string> = new Set<ClientEvent>(['show:join', 'reservation:create', 'queue:join']);

type Acknowledge = (answer: unknown) => void;

const isAcknowledge = (arg: unknown): arg is Acknowledge => typeof arg === 'function';

async function runHandler(
  { callback }: MessageMappingProperties,
  payload: unknown,
  acknowledge: Acknowledge | undefined,
): Promise<void> {
  // If the handler fails, the gateway's filter acknowledges the error, and the callback returns undefined.
  const answer: unknown = await callback(payload, acknowledge);
  if (acknowledge && answer !== undefined) acknowledge(answer);
}
