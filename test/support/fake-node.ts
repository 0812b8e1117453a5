import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { portOf } from './port-of.js';

/** What a fake node does with a call: answers it, closes the connection, or never answers. */
export type FakeNodeBehaviour = 'answers' | 'hangs up' | 'holds';

/** A server that stands in for a node behind a proxy. It records the calls that it receives. */
export class FakeNode {
  private constructor(
    readonly url: string,
    readonly server: Server,
    readonly calls: readonly { method: string; path: string; headers: IncomingHttpHeaders }[],
  ) {}

  static async start(behaviour: FakeNodeBehaviour): Promise<FakeNode> {
    const calls: { method: string; path: string; headers: IncomingHttpHeaders }[] = [];
    const server = createServer(({ method = '', url = '', headers, socket }, response) => {
      calls.push({ method, path: url, headers });
      if (behaviour === 'hangs up') socket.destroy();
      if (behaviour === 'answers') response.end('answered');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FakeNode(`http://127.0.0.1:${portOf(server)}`, server, calls);
  }

  /** Waits until the node has received `count` calls. */
  async waitForCalls(count: number): Promise<void> {
    const signal = AbortSignal.timeout(5000);
    while (this.calls.length < count) await once(this.server, 'request', { signal });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
