import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Money } from '@usher/contract';
import { Stripe } from 'stripe';
import { z } from 'zod';
import { parseStripeAmount, getStripeStep, toStripeAmount } from '../../common/stripe-amounts.js';
import { CONFIG, type Config } from '../../config/config.js';
import {
  answerMsMax,
  type CaptureEvent,
  type DisputeOutcome,
  ForgedWebhookError,
  openMsMax,
  type OpenedPayment,
  type PaymentGateway,
  type PaymentOrder,
  PaymentRefusedError,
  type ProviderEvent,
  type RefundOrder,
  type PaymentReport,
  type RefundReport,
} from '../payment-gateway.js';
import { toFinalFailure } from './stripe-failures.js';

/** Maximum difference between Stripe's clock and this node's clock. */
const skewSecondsMax = 300;

/**
 * The metadata of every object that this service creates at Stripe. It identifies the payment that a webhook is about.
 */
const Metadata = z.object({
  showId: z
    .string()
    .regex(/^[1-9][0-9]{0,14}$/)
    .transform(Number),
  paymentId: z.uuid(),
});

/**
 * Takes payments with Stripe Checkout, a page that Stripe hosts. The page accepts cards and the wallets that the
 * account enables (Apple Pay, Google Pay, Alipay, WeChat Pay). A payment's reference is the id of its Checkout Session.
 */
@Injectable()
export class StripeGateway implements PaymentGateway {
  readonly provider = 'stripe';
  private readonly logger = new Logger(StripeGateway.name);
  private readonly stripe: Stripe;
  private readonly webhookSecret: string;

  constructor(@Inject(CONFIG) { stripe: settings }: Config) {
    if (!settings) throw new Error('the settings for Stripe are missing');
    const { protocol, hostname, port } = new URL(settings.apiUrl);
    this.webhookSecret = settings.webhookSecret;
    this.stripe = new Stripe(settings.secretKey, {
      protocol: protocol === 'http:' ? 'http' : 'https',
      host: hostname,
      ...(port !== '' && { port }),
      // The outbox retries instead, because its retries survive a crash of the node.
      maxNetworkRetries: 0,
      timeout: answerMsMax,
      telemetry: false,
    });
  }

  async open(order: PaymentOrder): Promise<OpenedPayment> {
    const { showId, paymentId, price, description, baseUrl, method, madeAt } = order;
    const backTo = order.returnUrl ?? `${baseUrl}/shows/${showId}`;
    const metadata = { showId: String(showId), paymentId };
    const unitAmount = toOrderAmount(price);
    const creation = this.stripe.checkout.sessions.create(
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
              unit_amount: unitAmount,
              product_data: { name: description },
            },
          },
        ],
        success_url: backTo,
        cancel_url: backTo,
        // The time counts from the payment's start, because a repeated request must have the same body.
        expires_at: Math.floor((madeAt + openMsMax) / 1000),
      },
      { idempotencyKey: paymentId },
    );
    const session = await creation.catch((error: unknown) => this.throwRefusal(error));
    if (session.url === null) throw new Error('Stripe opened a Checkout Session without a URL');
    return { reference: session.id, redirectUrl: session.url, qrCode: method === 'qr' ? session.url : null };
  }

  async fetchPayment(reference: string): Promise<PaymentReport> {
    try {
      return toSessionReport(await this.stripe.checkout.sessions.retrieve(reference));
    } catch (error) {
      // The session belongs to another account or to test mode, so the buyer cannot pay it.
      if (isMissing(error)) return { status: 'failed' };
      throw error;
    }
  }

  async cancel(reference: string): Promise<PaymentReport> {
    try {
      return toSessionReport(await this.stripe.checkout.sessions.expire(reference));
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error;
      // Stripe expires only open sessions. This one is paid, has expired, or does not exist.
      return this.fetchPayment(reference);
    }
  }

  async refund(order: RefundOrder): Promise<RefundReport> {
    const { refundId, reference } = order;
    if (reference === null) return this.createRefund(order, refundId);
    const known = await this.stripe.refunds.retrieve(reference);
    // If the refund failed, the buyer's bank has rejected the money, so the money is back in the account. The next
    // refund needs another key, because the same key would return the same failed refund.
    const hasFailed = known.status === 'failed' || known.status === 'canceled';
    return hasFailed ? this.createRefund(order, `${refundId} after ${known.id}`) : toRefundReport(known);
  }

  async findPayment(captureReference: string): Promise<Pick<ProviderEvent, 'showId' | 'paymentId'> | null> {
    const { data } = await this.stripe.checkout.sessions.list({ payment_intent: captureReference, limit: 1 });
    return Metadata.safeParse(data[0]?.metadata).data ?? null;
  }

  parseWebhook(
    body: Buffer,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): ProviderEvent | CaptureEvent | null {
    const event = this.verified(body, headers['stripe-signature']);
    const parsed = parseEvent(event);
    if (!parsed) return null;
    const { report, metadata, captureReference } = parsed;
    const named = Metadata.safeParse(metadata);
    if (named.success) return { eventId: event.id, ...named.data, report };
    // An object without metadata and without a capture was not created by this service.
    return captureReference === null ? null : { eventId: event.id, captureReference, report };
  }

  private verified(body: Buffer, signature: string | string[] | undefined): Stripe.Event {
    // The package rejects only webhooks that are too old. So webhooks from the future are rejected here.
    const [, sentAt = '0'] = /(?:^|,)t=(\d+)/.exec(String(signature)) ?? [];
    if (Number(sentAt) > Date.now() / 1000 + skewSecondsMax)
      throw new ForgedWebhookError('the signature is from the future');
    try {
      return this.stripe.webhooks.constructEvent(body, signature ?? '', this.webhookSecret, skewSecondsMax);
    } catch (error) {
      if (error instanceof Stripe.errors.StripeSignatureVerificationError) {
        throw new ForgedWebhookError('the signature is wrong or too old');
      }
      throw error;
    }
  }

  private async createRefund(order: RefundOrder, idempotencyKey: string): Promise<RefundReport> {
    const intent = await this.fetchIntent(order.paymentReference);
    try {
      const request = { payment_intent: intent, amount: toStripeAmount(roundUpToStep(order.amount)) };
      return toRefundReport(await this.stripe.refunds.create(request, { idempotencyKey }));
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error;
      if (error.code === 'charge_disputed') return { status: 'disputed' };
      const left = await this.fetchRest(intent, order.amount.currency);
      if (error.code === 'charge_already_refunded')
        return { status: 'alreadyRefunded', refunded: left?.refunded ?? null };
      // If staff refunded a part at Stripe, less than the amount of this refund is left. Then only the rest is
      // refunded.
      if (left === null || left.stripeAmount >= toStripeAmount(roundUpToStep(order.amount))) throw error;
      if (left.stripeAmount > 0) {
        const rest = { payment_intent: intent, amount: left.stripeAmount };
        await this.stripe.refunds.create(rest, { idempotencyKey: `${idempotencyKey} rest ${left.stripeAmount}` });
      }
      return { status: 'alreadyRefunded', refunded: left.captured };
    }
  }

  /** Fetches how much of a charge can still be refunded. Returns null if Stripe has no charge. */
  private async fetchRest(intent: string, currency: string) {
    const { data } = await this.stripe.charges.list({ payment_intent: intent, limit: 1 }).catch((error: unknown) => {
      if (isMissing(error)) return { data: [] };
      throw error;
    });
    const [charge] = data;
    if (!charge) return null;
    return {
      captured: parseStripeAmount(charge.amount, currency),
      refunded: parseStripeAmount(charge.amount_refunded, currency),
      stripeAmount: charge.amount - charge.amount_refunded,
    };
  }

  /** @throws PaymentRefusedError if the error is a final refusal, otherwise the error itself */
  private throwRefusal(error: unknown): never {
    const failure = toFinalFailure(error);
    if (!failure) throw error;
    if (failure.code === 'setup' && error instanceof Stripe.errors.StripeError) {
      const { type, code } = error;
      this.logger.error(
        { type, code },
        'Stripe refused the settings of this service; check STRIPE_SECRET_KEY and the account',
      );
    }
    throw new PaymentRefusedError(failure, { cause: error });
  }

  private async fetchIntent(reference: string): Promise<string> {
    const { payment_intent: intent } = await this.stripe.checkout.sessions.retrieve(reference);
    const id = typeof intent === 'string' ? intent : intent?.id;
    if (id === undefined) throw new Error('a paid Checkout Session has no Payment Intent');
    return id;
  }
}

const idOf = (value: string | { id: string } | null | undefined): string | null =>
  typeof value === 'string' ? value : (value?.id ?? null);

const isMissing = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeInvalidRequestError && error.statusCode === 404;

/**
 * Converts a price to Stripe's form.
 *
 * @throws PaymentRefusedError if Stripe cannot take the amount. Only shows that were created before amounts were
 * checked have such amounts
 */
function toOrderAmount(price: Money): number {
  try {
    return toStripeAmount(price);
  } catch (cause) {
    const detail = 'The payment provider does not take this amount.';
    throw new PaymentRefusedError({ code: 'refused', detail }, { cause });
  }
}

/**
 * Rounds a refund up to an amount that Stripe can pay. A fee that was set before amounts were checked may leave an
 * amount that Stripe cannot pay.
 */
const roundUpToStep = ({ amount, currency }: Money): Money => {
  const step = getStripeStep(currency);
  return { amount: Math.ceil(amount / step) * step, currency };
};

function toRefundReport({ id, status }: Stripe.Refund): RefundReport {
  if (status === 'succeeded') return { status: 'paid', reference: id };
  if (status === 'pending' || status === 'requires_action') return { status: 'pending', reference: id };
  throw new Error(`the refund ${id} has the status ${status} at Stripe`);
}

function toSessionReport(session: Stripe.Checkout.Session): PaymentReport {
  const { status, payment_status: paid, amount_total: amount, currency, payment_intent: intent } = session;
  const isSettled = paid === 'paid' || paid === 'no_payment_required';
  if (status === 'complete' && isSettled) return { ...captured(amount, currency), captureReference: idOf(intent) };
  return { status: status === 'expired' ? 'failed' : 'pending' };
}

/** A webhook that is about a payment or a capture. */
interface ParsedEvent {
  readonly report: ProviderEvent['report'];
  readonly metadata: unknown;
  /** The Payment Intent of an object that lacks the payment's metadata. */
  readonly captureReference: string | null;
}

/** Parses an event. Returns null if it is not about a payment. */
function parseEvent(event: Stripe.Event): ParsedEvent | null {
  switch (event.type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
    case 'checkout.session.expired':
      return {
        report: toSessionReport(event.data.object),
        metadata: event.data.object.metadata,
        captureReference: null,
      };
    case 'checkout.session.async_payment_failed':
      return { report: { status: 'failed' }, metadata: event.data.object.metadata, captureReference: null };
    case 'payment_intent.payment_failed':
      return { report: { status: 'declined' }, metadata: event.data.object.metadata, captureReference: null };
    case 'charge.refunded': {
      const { amount_refunded: amount, currency, metadata, payment_intent: intent } = event.data.object;
      const refunded = parseStripeAmount(amount, currency);
      return { report: { status: 'refunded', refunded }, metadata, captureReference: idOf(intent) };
    }
    case 'charge.dispute.created':
    case 'charge.dispute.updated':
    case 'charge.dispute.closed':
    case 'charge.dispute.funds_withdrawn':
    case 'charge.dispute.funds_reinstated': {
      const { id, status, payment_intent: intent, metadata } = event.data.object;
      const outcome = outcomeOf(status);
      if (outcome === null) return null;
      return { report: { status: 'disputed', disputeId: id, outcome }, metadata, captureReference: idOf(intent) };
    }
    default:
      return null;
  }
}

/** Returns the outcome of a dispute. Returns null for an inquiry, because no money moves during an inquiry. */
function outcomeOf(status: Stripe.Dispute.Status): DisputeOutcome | null {
  switch (status) {
    case 'lost':
      return 'lost';
    case 'won':
    case 'warning_closed':
    case 'prevented':
      return 'won';
    case 'warning_needs_response':
    case 'warning_under_review':
      return null;
    default:
      return 'open';
  }
}

function captured(amount: number | null, currency: string | null) {
  if (amount === null || currency === null) throw new Error('the Checkout Session has no amount');
  return { status: 'succeeded' as const, captured: parseStripeAmount(amount, currency) };
}
