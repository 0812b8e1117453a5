import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { portOf } from './port-of.js';

const Request = z.object({ secret: z.string(), response: z.string() });
const Widget = z.object({ siteKey: z.literal('site'), action: z.string(), cData: z.string() });

/** Stands in for Cloudflare Turnstile: gives tokens like the widget in a page, and checks each of them once. */
export class TurnstileServer {
  static readonly secretKey = 'secret of turnstile';
  /** The bodies that the service has sent. */
  readonly received: string[] = [];
  private readonly tokens = new Map<string, z.infer<typeof Widget>>();
  private readonly server: Server;
  /** If set, the server answers with this status and no JSON. */
  brokenStatus: number | null = null;

  private constructor() {
    this.server = createServer((request, response) => void this.siteverify(request, response));
  }

  static async start(): Promise<TurnstileServer> {
    const turnstile = new TurnstileServer();
    turnstile.server.listen(0, '127.0.0.1');
    await once(turnstile.server, 'listening');
    return turnstile;
  }

  get url(): string {
    return `http://127.0.0.1:${portOf(this.server)}/siteverify`;
  }

  /** Gives the token that the widget gives to a person. @param parameters of the challenge */
  solve(parameters: Record<string, unknown>): string {
    const token = `0.token-${this.tokens.size}`;
    this.tokens.set(token, Widget.parse(parameters));
    return token;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async siteverify(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    this.received.push(body);
    if (this.brokenStatus !== null) {
      response.writeHead(this.brokenStatus).end('<html>');
      return;
    }
    const { secret, response: token } = Request.parse(JSON.parse(body));
    const widget = this.tokens.get(token);
    this.tokens.delete(token);
    const answer =
      secret !== TurnstileServer.secretKey
        ? { success: false, 'error-codes': ['invalid-input-secret'] }
        : widget
          ? { success: true, 'error-codes': [], action: widget.action, cdata: widget.cData, hostname: '127.0.0.1' }
          : { success: false, 'error-codes': ['timeout-or-duplicate'] };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }
}
