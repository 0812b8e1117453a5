import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { OpenCounter } from '../common/open-counter.js';
import type { Config } from '../config/config.js';
import { networkOf } from './client-address.js';

/** Properties of Node's HTTP server that end connections whose requests do not arrive, in ms. */
export interface ConnectionTimeouts {
  /** Maximum time from the start of a connection until the headers of its first request have arrived. */
  readonly headersTimeout: number;
  /** Maximum time until a request has arrived with its body. The time until the answer is not limited. */
  readonly requestTimeout: number;
  /** Time between two checks. Node reads this property when the server starts to listen. */
  readonly connectionsCheckingInterval: number;
}

/**
 * Headers have at most 8 KB, so they arrive at once. A layout of 32 MB arrives in a minute at 4.5 Mbit/s. By default, Node
 * waits for a minute, for five minutes, and checks every 30 s.
 */
const defaultTimeouts: ConnectionTimeouts = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 5000,
};

/**
 * Ends connections whose requests do not arrive, and limits the open connections of each address. WebSockets do not count,
 * because `ConnectionLimits` counts them. Behind a proxy, the connections of all callers have the address of the proxy, so
 * only the timeouts apply. There is no limit of all connections, because an attacker would use it to lock everyone out.
 */
export function limitConnections(
  server: Server,
  { proxyCount, connectionsPerAddressMax }: Pick<Config, 'proxyCount' | 'connectionsPerAddressMax'>,
  timeouts = defaultTimeouts,
): void {
  Object.assign(server, timeouts);
  if (proxyCount > 0) return;
  const connections = new OpenCounter();
  const closers = new WeakMap<object, () => void>();
  server.on('connection', (socket: Socket) => {
    const address = networkOf(socket.remoteAddress ?? '') ?? 'unknown';
    if (connections.countOf(address) >= connectionsPerAddressMax) {
      socket.destroy();
      return;
    }
    const close = connections.open(address);
    closers.set(socket, close);
    socket.once('close', close);
  });
  server.on('upgrade', ({ socket }: IncomingMessage) => closers.get(socket)?.());
}
