import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/**
 * Which answers the proxy loses: those to the next `remaining` calls that match `calls`. A call is a text such as
 * `POST /v1/sessions`.
 */
interface Losses {
  readonly calls: RegExp;
  remaining: number;
}

/** A proxy in front of a service's REST API. It can be down, or forward calls and lose their answers. */
export class LossyProxy {
  isDown = false;
  losses: Losses = { calls: /^$/, remaining: 0 };

  private constructor(
    private readonly server: Server,
    private readonly target: string,
  ) {}

  static async start(target: string): Promise<LossyProxy> {
    const server = createServer();
    const proxy = new LossyProxy(server, target);
    server.on('request', (request, response) => void proxy.pass(request, response));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get url(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.isDown) return void request.socket.destroy();
    const { method = 'GET', url = '/' } = request;
    const { host: _host, connection: _connection, ...headers } = request.headers;
    const content = await buffer(request);
    const answer = await fetch(this.target + url, {
      method,
      headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
      ...(content.length > 0 && { body: new Uint8Array(content) }),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    if (this.losses.remaining > 0 && this.losses.calls.test(`${method} ${url}`)) {
      this.losses.remaining--;
      return void request.socket.destroy();
    }
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' }).end(body);
  }
}
