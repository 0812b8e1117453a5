import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { Stripe } from 'stripe';

/** What the double's secret is for webhooks. */
export const stripeWebhookSecret = 'whsec_of_the_double';

/** A request as it came: the form's fields by their names, e.g. `metadata[showId]`. */
export interface StripeRequest {
  readonly method: string;
  readonly path: string;
  readonly key: string | null;
  readonly form: Readonly<Record<string, string>>;
}

interface DoubleSession {
  readonly id: string;
  readonly object: 'checkout.session';
  readonly amount_total: number;
  readonly currency: string;
  readonly payment_intent: string;
  readonly metadata: Record<string, string>;
  url: string;
  status: 'open' | 'complete' | 'expired';
  payment_status: 'unpaid' | 'paid';
}

/**
 * Stripe's API as far as it is used, in the shapes of its reference: Checkout Sessions and Refunds, idempotency keys that
 * refuse another body, and events with its own signature.
 */
export class StripeDouble {
  readonly requests: StripeRequest[] = [];
  /** What the next requests are answered instead, in turn. */
  readonly faults: ('nonsense' | 'hang up' | 500)[] = [];
  /** What the next refunds that are begun become, in turn; then they succeed. */
  readonly refundStatuses: string[] = [];
  private readonly sessions = new Map<string, DoubleSession>();
  private readonly refunds = new Map<string, { id: string; object: 'refund'; status: string; amount: number }>();
  private readonly answers = new Map<string, { body: string; answer: unknown }>();
  private named = 0;

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

  /** The Checkout Session of a payment. */
  sessionOf(paymentId: string): DoubleSession {
    const session = [...this.sessions.values()].find(({ metadata }) => metadata['paymentId'] === paymentId);
    if (!session) throw new Error('there is no Checkout Session of this payment');
    return session;
  }

  /** The buyer pays on Stripe's page. */
  pay(paymentId: string): DoubleSession {
    const session = this.sessionOf(paymentId);
    session.status = 'complete';
    session.payment_status = 'paid';
    return session;
  }

  /** What came of a refund that was pending. */
  settleRefunds(status: string): void {
    for (const refund of this.refunds.values()) if (refund.status === 'pending') refund.status = status;
  }

  /** Money that went back, in minor units. */
  get refunded(): number {
    return [...this.refunds.values()].reduce(
      (sum, { status, amount }) => sum + (status === 'succeeded' ? amount : 0),
      0,
    );
  }

  /** An event as Stripe sends it. @param sentAt seconds since 1970 */
  static event(type: string, object: unknown, sentAt = Math.floor(Date.now() / 1000), secret = stripeWebhookSecret) {
    const body = JSON.stringify({ id: `evt_${type}_${sentAt}`, object: 'event', type, data: { object } });
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
    if (key === null) return this.done(request.method ?? '', path, form);
    const before = this.answers.get(key);
    if (before && before.body !== body) {
      return { status: 400, body: { error: { type: 'idempotency_error', message: 'the key came with another body' } } };
    }
    const answer = before?.answer ?? this.done(request.method ?? '', path, form).body;
    this.answers.set(key, { body, answer });
    return { status: 200, body: answer };
  }

  private done(
    method: string,
    path: string,
    form: Readonly<Record<string, string>>,
  ): { status: number; body: unknown } {
    const [, id] = /^\/v1\/(?:checkout\/sessions|refunds)\/(\w+)$/.exec(path) ?? [];
    const found = id === undefined ? undefined : (this.sessions.get(id) ?? this.refunds.get(id));
    if (found) return { status: 200, body: found };
    if (method === 'POST' && path === '/v1/checkout/sessions') return { status: 200, body: this.openSession(form) };
    if (method === 'POST' && path === '/v1/refunds') return { status: 200, body: this.beginRefund(form) };
    return { status: 404, body: { error: { type: 'invalid_request_error', message: `no such ${path}` } } };
  }

  private openSession(form: Readonly<Record<string, string>>): DoubleSession {
    const id = `cs_test_${++this.named}`;
    const session: DoubleSession = {
      id,
      object: 'checkout.session',
      amount_total: Number(form['line_items[0][price_data][unit_amount]']),
      currency: form['line_items[0][price_data][currency]'] ?? '',
      payment_intent: `pi_of_${id}`,
      metadata: { showId: form['metadata[showId]'] ?? '', paymentId: form['metadata[paymentId]'] ?? '' },
      url: `https://checkout.stripe.com/c/pay/${id}`,
      status: 'open',
      payment_status: 'unpaid',
    };
    this.sessions.set(id, session);
    return session;
  }

  private beginRefund(form: Readonly<Record<string, string>>) {
    const status = this.refundStatuses.shift() ?? 'succeeded';
    const refund = { id: `re_${++this.named}`, object: 'refund' as const, status, amount: Number(form['amount']) };
    this.refunds.set(refund.id, refund);
    return refund;
  }
}
