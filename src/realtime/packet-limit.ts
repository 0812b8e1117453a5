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

/**
 * Characters of a message that count as one packet. To read and check 64 KB of JSON takes up to 8 ms, and a short packet
 * takes 0.1 ms.
 */
const packetLength = 1024;

/** The part of Engine.IO's connection that this file uses. */
export interface PacketConnection {
  /** The current transport. It changes once, when a client upgrades from long polling to WebSocket. */
  readonly transport: unknown;
  on(event: 'packet', listener: (packet: { readonly data?: unknown }) => void): void;
  on(event: 'upgrade', listener: () => void): void;
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
  const count = (packets: number) => {
    if (bucket.take(packets) === 0 && (address.take(packets) || (isQuiet() && address.takeQuiet()))) return;
    const webSocket = webSocketOf(connection);
    // Closing a WebSocket politely would still read the packets until the client answers.
    if (webSocket) webSocket.terminate();
    else connection.close(true);
  };
  const countPings = () => webSocketOf(connection)?.on('ping', () => count(1));
  connection.on('packet', ({ data }) => count(packetsOf(data)));
  connection.on('upgrade', countPings);
  countPings();
}

const packetsOf = (message: unknown): number =>
  typeof message === 'string' || message instanceof Uint8Array ? 1 + Math.floor(message.length / packetLength) : 1;

/** Returns the WebSocket of a connection, or null if the connection uses long polling. */
function webSocketOf({ transport }: PacketConnection): WebSocket | null {
  const socket = typeof transport === 'object' && transport !== null && 'socket' in transport ? transport.socket : null;
  return isWebSocket(socket) ? socket : null;
}

const isWebSocket = (socket: unknown): socket is WebSocket =>
  typeof socket === 'object' && socket !== null && 'terminate' in socket;
