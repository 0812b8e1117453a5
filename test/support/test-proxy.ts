import { once } from 'node:events';
import net from 'node:net';

/** One WebSocket message as text, for example `42["seats:changed",{…}]` of Socket.IO. */
export interface Message {
  readonly by: 'client' | 'server';
  readonly text: string;
}

/** The fate of a message: the proxy forwards it, loses it, or loses it and closes the connection. */
export type Fate = 'passes' | 'is lost' | 'cuts';

interface Pair {
  readonly client: net.Socket;
  readonly server: net.Socket;
  isStalled: boolean;
}

/** A proxy between clients and a service. It can lose messages, refuse connections, and stall or close connections. */
export class TestProxy {
  /** Decides the fate of each WebSocket message in both directions. */
  decideFate: (message: Message) => Fate = () => 'passes';
  /** Number of coming connections that the proxy will refuse, as if no service were listening. */
  connectionsToRefuse = 0;
  /** Called after each refused connection. */
  onRefusal: () => void = () => undefined;
  /** While true, the proxy drops the WebSocket handshakes of new connections, as an old router does. */
  isBlockingWebSockets = false;
  /** Number of accepted connections so far. */
  connectionCount = 0;
  private readonly pairs = new Set<Pair>();

  private constructor(
    /** The service to which the proxy forwards new connections. */
    public target: URL,
    private readonly listener: net.Server,
  ) {
    listener.on('connection', (client) => this.take(client));
  }

  /** Starts a proxy on a free local port. @param target the service's URL */
  static async start(target: string): Promise<TestProxy> {
    const listener = net.createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new TestProxy(new URL(target), listener);
  }

  get url(): string {
    const address = this.listener.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  /** Closes all open connections. */
  disconnectAll(): void {
    for (const { client, server } of this.pairs) {
      client.destroy();
      server.destroy();
    }
  }

  /** Drops all further bytes of the open connections but keeps them open, as a router does after a restart. */
  stall(): void {
    for (const pair of this.pairs) pair.isStalled = true;
  }

  async close(): Promise<void> {
    const closed = once(this.listener, 'close');
    this.listener.close();
    this.disconnectAll();
    await closed;
  }

  private take(client: net.Socket): void {
    if (this.connectionsToRefuse > 0) {
      this.connectionsToRefuse--;
      client.destroy();
      this.onRefusal();
      return;
    }
    this.connectionCount++;
    const server = net.connect(Number(this.target.port), this.target.hostname);
    const pair: Pair = { client, server, isStalled: false };
    this.pairs.add(pair);
    const messages = { client: new Frames(), server: new Frames() };
    client.on('data', (bytes) => {
      const pieces = messages.client.take(bytes);
      if (this.isBlockingWebSockets && messages.client.isWebSocket) pair.isStalled = true;
      this.carry(pair, 'client', pieces);
    });
    server.on('data', (bytes) => this.carry(pair, 'server', messages.server.take(bytes)));
    const end = (): void => {
      this.pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    // A `close` event follows each error, so the proxy ignores errors.
    for (const side of [client, server]) side.on('close', end).on('error', () => undefined);
  }

  private carry(pair: Pair, by: Message['by'], pieces: Piece[]): void {
    for (const { bytes, text } of pieces) {
      const fate = text === null || pair.isStalled ? 'passes' : this.decideFate({ by, text });
      if (fate === 'cuts') {
        pair.client.destroy();
        pair.server.destroy();
        return;
      }
      if (fate === 'passes' && !pair.isStalled) pair[by === 'client' ? 'server' : 'client'].write(bytes);
    }
  }
}

/** Bytes to forward together. `text` is set if they are one WebSocket message. */
interface Piece {
  readonly bytes: Buffer;
  readonly text: string | null;
}

/**
 * Splits one direction of a connection into messages. Bytes before the end of a WebSocket handshake are forwarded in
 * the pieces in which they arrive.
 */
class Frames {
  /** True after this direction has requested or accepted a WebSocket. */
  isWebSocket = false;
  private rest: Buffer = Buffer.alloc(0);

  take(bytes: Buffer): Piece[] {
    if (!this.isWebSocket) {
      const headEnd = bytes.indexOf('\r\n\r\n') + 4;
      const head = bytes.toString('latin1', 0, headEnd);
      this.isWebSocket = /^upgrade: websocket\r$/im.test(head);
      if (!this.isWebSocket) return [{ bytes, text: null }];
      return [{ bytes: bytes.subarray(0, headEnd), text: null }, ...this.take(bytes.subarray(headEnd))];
    }
    this.rest = Buffer.concat([this.rest, bytes]);
    const pieces: Piece[] = [];
    for (let piece = this.next(); piece !== null; piece = this.next()) pieces.push(piece);
    return pieces;
  }

  /** Returns the next complete frame (RFC 6455, 5.2). Socket.IO never splits a message over several frames. */
  private next(): Piece | null {
    const { rest } = this;
    if (rest.length < 2) return null;
    const short = rest[1]! & 0x7f;
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
    const isMasked = rest[1]! >= 0x80;
    const start = 2 + lengthBytes + (isMasked ? 4 : 0);
    if (rest.length < start) return null;
    const length = short === 126 ? rest.readUInt16BE(2) : short === 127 ? Number(rest.readBigUInt64BE(2)) : short;
    if (rest.length < start + length) return null;
    const bytes = rest.subarray(0, start + length);
    this.rest = rest.subarray(start + length);
    const payload = Buffer.from(bytes.subarray(start));
    if (isMasked) {
      const mask = bytes.subarray(start - 4, start);
      for (let at = 0; at < length; at++) payload[at]! ^= mask[at % 4]!;
    }
    return { bytes, text: payload.toString() };
  }
}
