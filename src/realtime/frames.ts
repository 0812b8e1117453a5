import type { Adapter, BroadcastOptions } from 'socket.io-adapter';
import { unreadMax } from './socket-limits.js';

/** What is reached for inside Engine.IO and `ws`; Engine.IO's own transport writes ready-made frames the same way. */
interface FrameWriter {
  readonly readyState: number;
  readonly bufferedAmount: number;
  readonly _sender: { sendFrame(frame: readonly Buffer[]): void };
}

interface Connection {
  readonly readyState: string;
  readonly upgrading: boolean;
  readonly writeBuffer: readonly unknown[];
  readonly transport: { readonly name: string; readonly socket?: FrameWriter };
  close(discard: boolean): void;
}

interface RoomSocket {
  readonly client: { readonly conn: Connection; writeToEngine(encoded: unknown, options: object): void };
}

/** A packet before it is encoded; its type and data are Socket.IO's affair. */
interface Packet {
  nsp?: string;
}

interface PacketOptions {
  preEncoded: boolean;
  wsPreEncodedFrame?: readonly Buffer[];
}

/** The private parts of the base class that its own `broadcast` is made of. */
interface Inside {
  _encode(packet: Packet, options: PacketOptions): unknown;
  apply(options: BroadcastOptions, each: (socket: RoomSocket) => void): void;
}

const OPEN = 1;

/**
 * Gives a Socket.IO adapter a shorter way for what is broadcast to this node's sockets (`server.local.to(…)`): the frame
 * is made once, and written to each WebSocket as it is, past the queues and events that every packet else goes through.
 * A socket that has something in its queue, or another transport, is served as ever, so the order of its messages stays.
 *
 * Against the stock adapter see "Figures" in the README.
 */
export function withFrames(adapter: Adapter): Adapter {
  const inside = adapter as unknown as Inside;
  const asEver = adapter.broadcast.bind(adapter);
  adapter.broadcast = (packet: Packet, options: BroadcastOptions) => {
    if (!options.flags?.local || options.flags.volatile) {
      asEver(packet, options);
      return;
    }
    packet.nsp = adapter.nsp.name;
    const packetOptions: PacketOptions = { preEncoded: true };
    const encoded = inside._encode(packet, packetOptions);
    const { wsPreEncodedFrame: parts } = packetOptions;
    if (!parts) {
      asEver(packet, options);
      return;
    }
    // One buffer: two of them cost each socket a cork and an uncork.
    const frame = [Buffer.concat(parts)];
    inside.apply(options, ({ client }) => {
      if (!writeFrame(client.conn, frame)) client.writeToEngine(encoded, packetOptions);
    });
  };
  return adapter;
}

function writeFrame(conn: Connection, frame: readonly Buffer[]): boolean {
  const { transport, readyState, upgrading, writeBuffer } = conn;
  const { name, socket } = transport;
  const isReady = readyState === 'open' && !upgrading && writeBuffer.length === 0;
  if (!isReady || name !== 'websocket' || socket?.readyState !== OPEN) return false;
  socket._sender.sendFrame(frame);
  // Who does not read is let go before what waits fills the memory of the node.
  if (socket.bufferedAmount > unreadMax) conn.close(true);
  return true;
}
