import type { EventEmitter } from 'node:events';
import { TokenBucket } from '../common/token-bucket.js';

/**
 * Maximum number of packets per second that one connection may send over a long time. A packet is an event, a heartbeat
 * or a WebSocket ping. This is more than the limit of events, whose refusals tell a client to slow down.
 */
const packetsPerSecondMax = 1200;

/** Maximum number of packets that a connection may send at once after a quiet period. */
const burstPacketsMax = 5000;

/** The part of Engine.IO's connection that this file uses. */
export interface PacketConnection {
  /** The current transport. It changes once, when a client upgrades from long polling to WebSocket. */
  readonly transport: unknown;
  on(event: 'packet' | 'upgrade', listener: () => void): void;
  close(discard: boolean): void;
}

interface WebSocket extends EventEmitter {
  terminate(): void;
}

/**
 * Ends a connection that sends packets at full speed. A refusal also costs the node time. Without this limit, one socket
 * could use a whole core, and other callers waited ten seconds.
 */
export function limitPackets(connection: PacketConnection): void {
  const bucket = new TokenBucket(packetsPerSecondMax, burstPacketsMax);
  const count = () => {
    if (bucket.take() === 0) return;
    const webSocket = webSocketOf(connection);
    // Closing a WebSocket politely would still read the packets until the client answers.
    if (webSocket) webSocket.terminate();
    else connection.close(true);
  };
  const countPings = () => webSocketOf(connection)?.on('ping', count);
  connection.on('packet', count);
  connection.on('upgrade', countPings);
  countPings();
}

/** Returns the WebSocket of a connection, or null if the connection uses long polling. */
function webSocketOf({ transport }: PacketConnection): WebSocket | null {
  const socket = typeof transport === 'object' && transport !== null && 'socket' in transport ? transport.socket : null;
  return isWebSocket(socket) ? socket : null;
}

const isWebSocket = (socket: unknown): socket is WebSocket =>
  typeof socket === 'object' && socket !== null && 'terminate' in socket;
