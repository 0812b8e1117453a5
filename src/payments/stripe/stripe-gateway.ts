import { Inject, Injectable } from '@nestjs/common';
import { Stripe } from 'stripe';
import { z } from 'zod';
import { fromStripeAmount, toStripeAmount } from '../../common/stripe-amounts.js';
import { CONFIG, type Config } from '../../config/config.js';
import {
  answerMsMax,
  ForgedWebhookError,
  openMsMax,
  type OpenedPayment,
  type PaymentGateway,
  type PaymentOrder,
  type ProviderEvent,
  type RefundOrder,
  type SeenPayment,
  type SeenRefund,
} from '../payment-gateway.js';

/** How far Stripe's clock and ours may be apart. */
const skewSecondsMax = 300;

/** What each object at Stripe carries, so that its events are known without asking. */
const Metadata = z.object({
  showId: z
    .string()
    .regex(/^[1-9][0-9]{0,14}$/)
    .transform(Number),
  paymentId: z.uuid(),
});

/**
 * Payments by Stripe Checkout: a hosted page that takes cards and, where they are switched on in the account, wallets
 * (Apple Pay, Google Pay, Alipay, WeChat Pay). A payment's reference is its Checkout Session.
 */
@Injectable()
export class StripeGateway implements PaymentGateway {
  readonly provider = 'stripe';
  private readonly stripe: Stripe;
  private readonly webhookSecret: string;

  constructor(@Inject(CONFIG) { stripe: settings }: Config) {
    if (!settings) throw new Error('there are no settings for Stripe');
    const { protocol, hostname, port } = new URL(settings.apiUrl);
    this.webhookSecret = settings.webhookSecret;
    this.stripe = new Stripe(settings.secretKey, {
      protocol: protocol === 'http:' ? 'http' : 'https',
      host: hostname,
      ...(port !== '' && { port }),
      // The outbox tries again, after a crash as well.
      maxNetworkRetries: 0,
      timeout: answerMsMax,
      telemetry: false,
    });
  }

  async open(order: PaymentOrder): Promise<OpenedPayment> {
    const { showId, paymentId, price, description, baseUrl, method, madeAt } = order;
    const backTo = order.returnUrl ?? `${baseUrl}/shows/${showId}`;
    const metadata = { showId: String(showId), paymentId };
    const session = await this.stripe.checkout.sessions.create(
      {
        mode: 'payment',
        client_reference_id: paymentId,
        metadata,
        payment_intent_data: { metadata, description },
        line_items: [
          {
            quantity: 1,
            price_data: {
              currency: price.currency.toLowerCase(),
              unit_amount: toStripeAmount(price),
              product_data: { name: description },
            },
          },
        ],
        success_url: backTo,
        cancel_url: backTo,
        // Of the payment's beginning, not of now: the same key must come with the same body.
        expires_at: Math.floor((madeAt + openMsMax) / 1000),
      },
      { idempotencyKey: paymentId },
    );
    if (session.url === null) throw new Error('Stripe opened a payment without a page');
    return { reference: session.id, redirectUrl: session.url, qrCode: method === 'qr' ? session.url : null };
  }

  async look(reference: string): Promise<SeenPayment> {
    return seenSession(await this.stripe.checkout.sessions.retrieve(reference));
  }

  async refund(order: RefundOrder): Promise<SeenRefund> {
    const { refundId, reference } = order;
    const known =
      reference === null ? await this.beginRefund(order, refundId) : await this.stripe.refunds.retrieve(reference);
    // The bank did not take the money: it is back in the account, and the same key would answer the same failure.
    const hasFailed = known.status === 'failed' || known.status === 'canceled';
    const refund = hasFailed ? await this.beginRefund(order, `${refundId} after ${known.id}`) : known;
    if (refund.status === 'succeeded') return { status: 'paid', reference: refund.id };
    if (refund.status === 'pending' || refund.status === 'requires_action') {
      return { status: 'pending', reference: refund.id };
    }
    throw new Error(`refund ${refund.id} is ${refund.status} at Stripe`);
  }

  read(body: Buffer, headers: Readonly<Record<string, string | string[] | undefined>>): ProviderEvent | null {
    const event = this.verified(body, headers['stripe-signature']);
    const told = toldBy(event);
    if (!told) return null;
    const metadata = Metadata.safeParse(told.metadata);
    // Else an object of the account that this service did not make.
    if (!metadata.success) return null;
    return { eventId: event.id, ...metadata.data, seen: told.seen };
  }

  private verified(body: Buffer, signature: string | string[] | undefined): Stripe.Event {
    // The package looks for what is too old only.
    const [, sentAt = '0'] = /(?:^|,)t=(\d+)/.exec(String(signature)) ?? [];
    if (Number(sentAt) > Date.now() / 1000 + skewSecondsMax) throw new ForgedWebhookError('it is from the future');
    try {
      return this.stripe.webhooks.constructEvent(body, signature ?? '', this.webhookSecret, skewSecondsMax);
    } catch (error) {
      if (error instanceof Stripe.errors.StripeSignatureVerificationError) {
        throw new ForgedWebhookError('the signature is not Stripe’s, or too old');
      }
      throw error;
    }
  }

  private async beginRefund({ paymentReference, amount }: RefundOrder, idempotencyKey: string): Promise<Stripe.Refund> {
    const order = { payment_intent: await this.intentOf(paymentReference), amount: toStripeAmount(amount) };
    return this.stripe.refunds.create(order, { idempotencyKey });
  }

  private async intentOf(reference: string): Promise<string> {
    const { payment_intent: intent } = await this.stripe.checkout.sessions.retrieve(reference);
    const id = typeof intent === 'string' ? intent : intent?.id;
    if (id === undefined) throw new Error('a paid Checkout Session has no Payment Intent');
    return id;
  }
}

function seenSession({ status, payment_status: paid, amount_total: amount, currency }: Stripe.Checkout.Session) {
  if (status === 'complete' && paid === 'paid') return captured(amount, currency);
  return { status: status === 'expired' ? ('failed' as const) : ('pending' as const) };
}

/** What an event says of a payment; null: nothing. */
function toldBy(event: Stripe.Event): { seen: SeenPayment; metadata: unknown } | null {
  switch (event.type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
    case 'checkout.session.expired':
      return { seen: seenSession(event.data.object), metadata: event.data.object.metadata };
    case 'checkout.session.async_payment_failed':
      return { seen: { status: 'failed' }, metadata: event.data.object.metadata };
    case 'payment_intent.payment_failed':
      return { seen: { status: 'declined' }, metadata: event.data.object.metadata };
    default:
      return null;
  }
}

function captured(amount: number | null, currency: string | null): SeenPayment {
  if (amount === null || currency === null) throw new Error('Stripe does not say how much was paid');
  return { status: 'succeeded', captured: fromStripeAmount(amount, currency) };
}
