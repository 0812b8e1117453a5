import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { WebhookEvent } from '@usher/contract';
import { Webhook } from 'standardwebhooks';
import { parseJson } from './contract-shapes.js';
import { portOf } from './port-of.js';
import { ChangeSignal, waitForValue } from './wait-for-value.js';

/** Maximum time that a test waits for a webhook. */
const deadlineMs = 20_000;

/** A webhook that the listener received. */
export interface ReceivedCall {
  readonly id: string;
  readonly body: string;
  readonly headers: Record<string, string>;
  readonly event: WebhookEvent;
}

/** A partner's server that keeps all received webhooks. The test decides how it answers. */
export class WebhookListener {
  readonly received: ReceivedCall[] = [];
  /**
   * The statuses of the answers to the next webhooks, one per webhook. Later webhooks are answered with 204. A 307
   * redirects to this server.
   */
  answers: number[] = [];
  /** While true, the server answers no webhook. */
  isSilent = false;
  /** Number of connections so far, with or without a request. */
  connectionCount = 0;
  private readonly arrivals = new ChangeSignal();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<WebhookListener> {
    const server = createServer();
    const listener = new WebhookListener(server);
    server.on('connection', () => listener.connectionCount++);
    server.on('request', (request: IncomingMessage, response) => {
      void buffer(request).then((content) => {
        listener.hear(request.headers, content.toString());
        if (listener.isSilent) return;
        const status = listener.answers.shift() ?? 204;
        response.writeHead(status, status === 307 ? { location: `${listener.url}/elsewhere` } : {}).end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return listener;
  }

  get url(): string {
    return `http://localhost:${portOf(this.server)}/hooks`;
  }

  /** Waits until `count` webhooks that match have arrived. Returns them. */
  waitForCalls(count: number, fits: (call: ReceivedCall) => boolean = () => true): Promise<ReceivedCall[]> {
    const read = () => {
      const found = this.received.filter(fits);
      return found.length < count ? undefined : found;
    };
    return waitForValue(read, {
      subscribe: this.arrivals.subscribe,
      deadlineMs,
      describe: () =>
        `${this.received.filter(fits).length} of ${count} calls; received ${JSON.stringify(this.received)}`,
    });
  }

  /** Verifies the signature of a webhook. Returns its content. @throws if the secret does not match */
  static verify(secret: string, { body, headers }: ReceivedCall): unknown {
    return new Webhook(secret).verify(body, headers);
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private hear(headers: IncomingMessage['headers'], body: string): void {
    const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    this.received.push({ id: plain['webhook-id'] ?? '', body, headers: plain, event: parseJson(WebhookEvent, body) });
    this.arrivals.notify();
  }
}
