import type { EventEmitter } from 'node:events';
import { TokenBucket } from '../common/token-bucket.js';
import type { AddressPackets } from './address-packets.js';

/**
 * Maximum number of packets per second that one connection may send over a long time. A packet is an event, a heartbeat
 * or a WebSocket ping. This is more than the limit of events, whose refusals tell a client to slow down.
 */
const packetsPerSecondMax = 1200;

/** Maximum number of packets that a connection may send at once after a quiet period. */
const burstPacketsMax = 5000;

/**
 * Maximum number of packets per second that a connection may still send while its address has used up its budget. A
 * viewer sends a heartbeat every 25 s, and a buyer who selects seats sends an event per second.
 */
const quietPacketsPerSecondMax = 1;

/** Maximum number of such packets at once. A client that joins a show sends three. */
const quietBurstPacketsMax = 10;

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
 * Ends a connection that sends packets at full speed, or that sends many packets while its address has used up its
 * budget. A refusal also costs the node time. Without these limits, one socket could use a whole core, and other callers
 * waited ten seconds.
 */
export function limitPackets(connection: PacketConnection, address: AddressPackets): void {
  const bucket = new TokenBucket(packetsPerSecondMax, burstPacketsMax);
  let quietBucket: TokenBucket | null = null;
  const isQuiet = () => {
    quietBucket ??= new TokenBucket(quietPacketsPerSecondMax, quietBurstPacketsMax);
    return quietBucket.take() === 0;
  };
  const count = () => {
    if (bucket.take() === 0 && (address.take() || (isQuiet() && address.takeQuiet()))) return;
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
