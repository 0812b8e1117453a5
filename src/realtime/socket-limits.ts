import { clientEvents, createErrorBody } from '@usher/contract';
import { TokenBucket } from '../common/token-bucket.js';
import { invalidRequest } from '../common/invalid-request.js';
import type { UsherSocket } from './socket.js';

/** Events a second that one socket may send for long. A person sends a few; a partner's server has many sockets. */
const eventsPerSecond = 1000;

/** Events that it may send at once after a quiet while. */
const burst = 2000;

/** Answers events that the contract does not have, so that their sender need not wait for a time-out. */
export function refuseUnknownEvents(socket: UsherSocket): void {
  socket.use(([event, ...sent], next) => {
    if (Object.hasOwn(clientEvents, event)) {
      next();
      return;
    }
    const acknowledge: unknown = sent.at(-1);
    const { body } = invalidRequest([{ message: 'there is no such event' }]);
    if (typeof acknowledge === 'function') acknowledge({ ok: false, error: body });
  });
}

/** Shows that one socket may look at. A wall of screens has one a screen; a room costs a message every beat. */
export const roomsMax = 100;

/** Characters that may wait for a socket that does not read: minutes of a busy show, and little for a node. */
export const unreadMax = 1_000_000;

/**
 * Ends a connection that does not read what is sent to it, before what waits fills the memory of the node. It may come
 * back, and begins with a snapshot.
 */
export function limitUnread(socket: UsherSocket): void {
  let unread = 0;
  socket.conn.on('packetCreate', ({ data }: { data?: unknown }) => {
    unread += typeof data === 'string' ? data.length : 0;
    // Without the farewell: it would wait behind all that is not read.
    if (unread > unreadMax) socket.conn.close(true);
  });
  // All that waits is handed on at once; until the transport has written it, more waits.
  socket.conn.on('flush', () => {
    unread = 0;
  });
}

/**
 * Refuses what a socket sends beyond its share, as a token bucket does, so that one that floods hurts only itself. An
 * event without an acknowledgement is dropped.
 */
export function limitEvents(socket: UsherSocket): void {
  const bucket = new TokenBucket(eventsPerSecond, burst);
  socket.use((packet, next) => {
    const retryAfterMs = bucket.take();
    if (retryAfterMs === 0) {
      next();
      return;
    }
    const acknowledge: unknown = packet.at(-1);
    if (typeof acknowledge !== 'function') return;
    const detail = `More than ${eventsPerSecond} events a second on one socket.`;
    acknowledge({ ok: false, error: createErrorBody('RATE_LIMITED', detail, { retryAfterMs }) });
  });
}
