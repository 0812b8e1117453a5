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
  type SeenPayment,
  type SeenRefund,
} from '../payment-gateway.js';
import { failureOf } from './stripe-failures.js';

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
  private readonly logger = new Logger(StripeGateway.name);
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
    const unitAmount = stripeAmountOf(price);
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
        // Of the payment's beginning, not of now: the same key must come with the same body.
        expires_at: Math.floor((madeAt + openMsMax) / 1000),
      },
      { idempotencyKey: paymentId },
    );
    const session = await creation.catch((error: unknown) => this.orRefused(error));
    if (session.url === null) throw new Error('Stripe opened a payment without a page');
    return { reference: session.id, redirectUrl: session.url, qrCode: method === 'qr' ? session.url : null };
  }

  async look(reference: string): Promise<SeenPayment> {
    try {
      return seenSession(await this.stripe.checkout.sessions.retrieve(reference));
    } catch (error) {
      // Of another account, or of test mode: nobody can pay it any more.
      if (isMissing(error)) return { status: 'failed' };
      throw error;
    }
  }

  async refund(order: RefundOrder): Promise<SeenRefund> {
    const { refundId, reference } = order;
    if (reference === null) return this.begunRefund(order, refundId);
    const known = await this.stripe.refunds.retrieve(reference);
    // The bank did not take the money: it is back in the account, and the same key would answer the same failure.
    const hasFailed = known.status === 'failed' || known.status === 'canceled';
    return hasFailed ? this.begunRefund(order, `${refundId} after ${known.id}`) : seenRefund(known);
  }

  async paymentOf(captureReference: string): Promise<Pick<ProviderEvent, 'showId' | 'paymentId'> | null> {
    const { data } = await this.stripe.checkout.sessions.list({ payment_intent: captureReference, limit: 1 });
    return Metadata.safeParse(data[0]?.metadata).data ?? null;
  }

  read(
    body: Buffer,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): ProviderEvent | CaptureEvent | null {
    const event = this.verified(body, headers['stripe-signature']);
    const told = toldBy(event);
    if (!told) return null;
    const { seen, metadata, captureReference } = told;
    const named = Metadata.safeParse(metadata);
    if (named.success) return { eventId: event.id, ...named.data, seen };
    // Without either it is an object of the account that this service did not make.
    return captureReference === null ? null : { eventId: event.id, captureReference, seen };
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

  private async begunRefund(order: RefundOrder, idempotencyKey: string): Promise<SeenRefund> {
    const intent = await this.intentOf(order.paymentReference);
    try {
      const wanted = { payment_intent: intent, amount: toStripeAmount(wholeSteps(order.amount)) };
      return seenRefund(await this.stripe.refunds.create(wanted, { idempotencyKey }));
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error;
      if (error.code === 'charge_disputed') return { status: 'disputed' };
      const left = await this.leftOf(intent, order.amount.currency);
      if (error.code === 'charge_already_refunded')
        return { status: 'alreadyRefunded', refunded: left?.refunded ?? null };
      // Staff gave some of it back at Stripe, so less is left than this refund is of.
      if (left === null || left.stripeAmount >= toStripeAmount(wholeSteps(order.amount))) throw error;
      if (left.stripeAmount > 0) {
        const rest = { payment_intent: intent, amount: left.stripeAmount };
        await this.stripe.refunds.create(rest, { idempotencyKey: `${idempotencyKey} rest ${left.stripeAmount}` });
      }
      return { status: 'alreadyRefunded', refunded: left.captured };
    }
  }

  /** What of a charge is left to be given back; null: Stripe knows of no charge. */
  private async leftOf(intent: string, currency: string) {
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

  /** @throws PaymentRefusedError when the error is a final refusal, else the error */
  private orRefused(error: unknown): never {
    const failure = failureOf(error);
    if (!failure) throw error;
    if (failure.code === 'setup') {
      const { type, code } = error as Stripe.errors.StripeError;
      this.logger.error(
        { type, code },
        'Stripe refuses the settings of this service: check STRIPE_SECRET_KEY and the account',
      );
    }
    throw new PaymentRefusedError(failure, { cause: error });
  }

  private async intentOf(reference: string): Promise<string> {
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

/** @throws PaymentRefusedError for an amount that Stripe cannot take, of a show that was made before that was refused */
function stripeAmountOf(price: Money): number {
  try {
    return toStripeAmount(price);
  } catch (cause) {
    const detail = 'The payment provider does not take this amount.';
    throw new PaymentRefusedError({ code: 'refused', detail }, { cause });
  }
}

/** The least that Stripe can give back which is not less than the amount: a fee from before the rule may be no whole step. */
const wholeSteps = ({ amount, currency }: Money): Money => {
  const step = getStripeStep(currency);
  return { amount: Math.ceil(amount / step) * step, currency };
};

function seenRefund({ id, status }: Stripe.Refund): SeenRefund {
  if (status === 'succeeded') return { status: 'paid', reference: id };
  if (status === 'pending' || status === 'requires_action') return { status: 'pending', reference: id };
  throw new Error(`refund ${id} is ${status} at Stripe`);
}

function seenSession(session: Stripe.Checkout.Session): SeenPayment {
  const { status, payment_status: paid, amount_total: amount, currency, payment_intent: intent } = session;
  const isSettled = paid === 'paid' || paid === 'no_payment_required';
  if (status === 'complete' && isSettled) return { ...captured(amount, currency), captureReference: idOf(intent) };
  return { status: status === 'expired' ? 'failed' : 'pending' };
}

interface Told {
  readonly seen: ProviderEvent['seen'];
  readonly metadata: unknown;
  /** The Payment Intent, of objects that do not have the metadata of the payment. */
  readonly captureReference: string | null;
}

/** What an event says of a payment; null: nothing. */
function toldBy(event: Stripe.Event): Told | null {
  switch (event.type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
    case 'checkout.session.expired':
      return { seen: seenSession(event.data.object), metadata: event.data.object.metadata, captureReference: null };
    case 'checkout.session.async_payment_failed':
      return { seen: { status: 'failed' }, metadata: event.data.object.metadata, captureReference: null };
    case 'payment_intent.payment_failed':
      return { seen: { status: 'declined' }, metadata: event.data.object.metadata, captureReference: null };
    case 'charge.refunded': {
      const { amount_refunded: amount, currency, metadata, payment_intent: intent } = event.data.object;
      const refunded = parseStripeAmount(amount, currency);
      return { seen: { status: 'refunded', refunded }, metadata, captureReference: idOf(intent) };
    }
    case 'charge.dispute.created':
    case 'charge.dispute.updated':
    case 'charge.dispute.closed':
    case 'charge.dispute.funds_withdrawn':
    case 'charge.dispute.funds_reinstated': {
      const { id, status, payment_intent: intent, metadata } = event.data.object;
      const outcome = outcomeOf(status);
      if (outcome === null) return null;
      return { seen: { status: 'disputed', disputeId: id, outcome }, metadata, captureReference: idOf(intent) };
    }
    default:
      return null;
  }
}

/** Null: an inquiry, in which no money moves. */
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
  if (amount === null || currency === null) throw new Error('Stripe does not say how much was paid');
  return { status: 'succeeded' as const, captured: parseStripeAmount(amount, currency) };
}
