import { clientEvents, createErrorBody } from '@usher/contract';
import { createInvalidRequestError } from '../common/invalid-request.js';
import { TokenBucket } from '../common/token-bucket.js';
import type { UsherSocket } from './socket.js';

/**
 * Maximum number of events per second that one socket may send over a long time. A person sends only a few, and a
 * partner's server opens many sockets.
 */
const eventsPerSecondMax = 1000;

/** Maximum number of events that a socket may send at once after a quiet period. */
const burstEventsMax = 2000;

/** Answers events that the contract does not define, so that the client does not have to wait for a timeout. */
export function refuseUnknownEvents(socket: UsherSocket): void {
  socket.use(([event, ...args], next) => {
    if (Object.hasOwn(clientEvents, event)) {
      next();
      return;
    }
    const acknowledge: unknown = args.at(-1);
    const { body } = createInvalidRequestError([{ message: 'This event does not exist.' }]);
    if (typeof acknowledge === 'function') acknowledge({ ok: false, error: body });
  });
}

/**
 * Maximum number of shows that one socket may have open. A video wall has one show per screen. Each room costs one
 * message per heartbeat.
 */
export const roomsMax = 100;

/**
 * Maximum number of characters that may be queued for a socket that does not read. That many characters are enough for
 * minutes of a busy show and take little of a node's memory.
 */
export const unreadCharsMax = 1_000_000;

/**
 * Ends the connection of a client that does not read, before the queued messages fill the memory of the node. The client
 * may reconnect, and then it starts with a snapshot.
 */
export function limitUnread(socket: UsherSocket): void {
  let unreadChars = 0;
  socket.conn.on('packetCreate', ({ data }: { data?: unknown }) => {
    unreadChars += typeof data === 'string' ? data.length : 0;
    // The connection ends without a close packet, because that packet would queue behind the unread messages.
    if (unreadChars > unreadCharsMax) socket.conn.close(true);
  });
  // Engine.IO hands all queued packets to the transport at once. New packets are queued until the transport has written
  // those packets.
  socket.conn.on('flush', () => {
    unreadChars = 0;
  });
}

/**
 * Refuses events that exceed a socket's token bucket, so that a client that sends too many events harms only itself. If
 * a refused event asks for no acknowledgement, it is dropped.
 */
export function limitEvents(socket: UsherSocket): void {
  const bucket = new TokenBucket(eventsPerSecondMax, burstEventsMax);
  socket.use((packet, next) => {
    const retryAfterMs = bucket.take();
    if (retryAfterMs === 0) {
      next();
      return;
    }
    const acknowledge: unknown = packet.at(-1);
    if (typeof acknowledge !== 'function') return;
    const detail = `One socket may send ${eventsPerSecondMax} events per second.`;
    acknowledge({ ok: false, error: createErrorBody('RATE_LIMITED', detail, { retryAfterMs }) });
  });
}
