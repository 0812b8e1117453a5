import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { Stripe } from 'stripe';
import { StripeBooks, StripeRefusal } from './stripe-books.js';

/** The secret with which the double signs webhooks. */
export const stripeWebhookSecret = 'whsec_of_the_double';

/** A request that the double received. `form` has the fields by name, for example `metadata[showId]`. */
export interface StripeRequest {
  readonly method: string;
  readonly path: string;
  readonly key: string | null;
  readonly form: Readonly<Record<string, string>>;
}

/** An answer that the double gives instead of the normal one. */
export type StripeFault = 'nonsense' | 'hang up' | 500 | { readonly status: number; readonly error: object };

/**
 * Imitates the part of Stripe's API that the service uses, in the shapes of Stripe's reference. It has Checkout
 * Sessions, charges and refunds with Stripe's refusals, idempotency keys that refuse a different body, and events with
 * Stripe's signature.
 */
export class StripeDouble {
  readonly requests: StripeRequest[] = [];
  /** Faulty answers to the next requests, one per request. */
  readonly faults: StripeFault[] = [];
  readonly books = new StripeBooks();
  private readonly answers = new Map<string, { body: string; answer: unknown }>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<StripeDouble> {
    const server = createServer();
    const double = new StripeDouble(server);
    server.on('request', (request, response) => {
      void double.answer(request).then((answered) => {
        if (answered === null) return request.socket.destroy();
        response.writeHead(answered.status, { 'content-type': 'application/json' });
        return response.end(typeof answered.body === 'string' ? answered.body : JSON.stringify(answered.body));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return double;
  }

  get url(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the double does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  /** Creates a signed event as Stripe sends it. @param sentAt seconds since 1970 */
  static createEvent(
    type: string,
    object: unknown,
    sentAt = Math.floor(Date.now() / 1000),
    secret = stripeWebhookSecret,
    id = `evt_${type}_${sentAt}`,
  ) {
    const body = JSON.stringify({ id, object: 'event', type, data: { object } });
    const header = Stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp: sentAt });
    return { body, headers: { 'content-type': 'application/json', 'stripe-signature': header } };
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(request: IncomingMessage): Promise<{ status: number; body: unknown } | null> {
    const body = await text(request);
    const path = request.url ?? '';
    const header = request.headers['idempotency-key'];
    const key = typeof header === 'string' ? header : null;
    const form = Object.fromEntries(new URLSearchParams(body));
    this.requests.push({ method: request.method ?? '', path, key, form });
    const fault = this.faults.shift();
    if (fault === 'hang up') return null;
    if (fault === 'nonsense') return { status: 200, body: '<html>We are improving our service</html>' };
    if (fault === 500) return { status: 500, body: { error: { type: 'api_error', message: 'try again' } } };
    if (fault) return { status: fault.status, body: { error: fault.error } };
    const before = key === null ? undefined : this.answers.get(key);
    if (before && before.body !== body) {
      return {
        status: 400,
        body: { error: { type: 'idempotency_error', message: 'the key was used before with another body' } },
      };
    }
    if (before) return { status: 200, body: before.answer };
    try {
      const answer = this.books.answer(request.method ?? '', new URL(path, 'http://stripe'), form);
      if (key !== null) this.answers.set(key, { body, answer });
      return { status: 200, body: answer };
    } catch (error) {
      if (!(error instanceof StripeRefusal)) throw error;
      return { status: error.status, body: { error: error.body } };
    }
  }
}
