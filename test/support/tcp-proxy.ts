import { once } from 'node:events';
import net from 'node:net';

/** A TCP proxy between two local servers. A test can cut or silence the proxy, and mend it later. */
export class TcpProxy {
  private readonly pairs = new Set<readonly [net.Socket, net.Socket]>();
  private state: 'whole' | 'cut' | 'silent' = 'whole';

  private constructor(
    private target: number,
    private readonly listener: net.Server,
  ) {
    listener.on('connection', (client) => this.take(client));
  }

  /** Starts a proxy on a free local port. @param target the port to which it forwards */
  static async start(target: number): Promise<TcpProxy> {
    const listener = net.createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new TcpProxy(target, listener);
  }

  get port(): number {
    const address = this.listener.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
    return address.port;
  }

  /** Closes all connections. From now on, also closes each new connection at once. */
  cut(): void {
    this.state = 'cut';
    this.endAll();
  }

  /** Holds back all bytes but keeps connections open, like a pulled cable. The bytes arrive after {@link mend}. */
  silence(): void {
    this.state = 'silent';
    for (const pair of this.pairs) for (const side of pair) side.pause();
  }

  mend(): void {
    this.state = 'whole';
    for (const pair of this.pairs) for (const side of pair) side.resume();
  }

  /** Forwards new connections to another port, and closes the old connections. */
  redirectTo(port: number): void {
    this.target = port;
    this.endAll();
  }

  async close(): Promise<void> {
    const closed = once(this.listener, 'close');
    this.listener.close();
    this.endAll();
    await closed;
  }

  private endAll(): void {
    for (const pair of this.pairs) for (const side of pair) side.destroy();
  }

  private take(client: net.Socket): void {
    if (this.state === 'cut') {
      client.destroy();
      return;
    }
    const server = net.connect(this.target, '127.0.0.1');
    const pair = [client, server] as const;
    this.pairs.add(pair);
    const end = (): void => {
      this.pairs.delete(pair);
      for (const side of pair) side.destroy();
    };
    for (const [from, to] of [pair, [server, client] as const]) {
      from.setNoDelay(true);
      from.on('data', (bytes) => to.write(bytes));
      // A `close` event follows each error, so the proxy ignores errors.
      from.on('close', end).on('error', () => undefined);
      if (this.state === 'silent') from.pause();
      else from.resume();
    }
  }
}
