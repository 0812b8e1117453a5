import type { Money, PaymentFailure, PaymentMethod } from '@usher/contract';

/** A request to a provider to open a payment. */
export interface PaymentOrder {
  readonly showId: number;
  /**
   * The idempotency key. If the request is repeated, the provider returns the payment that it opened for the first
   * request.
   */
  readonly paymentId: string;
  readonly price: Money;
  readonly method: PaymentMethod;
  /** The text on the pay page that names the show and the seats. */
  readonly description: string;
  /** The public URL of this service, for example `https://tickets.example`. */
  readonly baseUrl: string;
  /** The page to which the pay page sends the buyer back. Null for the page of the show. */
  readonly returnUrl: string | null;
  /** When the buyer began to pay, ms since 1970. The payment can take money for {@link openMsMax} from that time on. */
  readonly madeAt: number;
}

/** A provider's response to a {@link PaymentOrder}. */
export interface OpenedPayment {
  /** The provider's id of the payment. */
  readonly reference: string;
  readonly redirectUrl: string;
  /** Content of the QR code that the buyer scans. Null if the payment method uses no QR code. */
  readonly qrCode: string | null;
}

/**
 * The status of a payment as a provider reports it, in a webhook or in a response. After `failed`, the payment can take
 * no more money. After `declined`, the buyer may try again.
 */
export type PaymentReport =
  | { readonly status: 'pending' | 'declined' | 'failed' }
  | {
      readonly status: 'succeeded';
      readonly captured: Money;
      /** The provider's id of the capture. Webhooks about disputes contain this id instead of the payment's id. */
      readonly captureReference?: string | null;
    };

/** A provider's report about money that it captured earlier. */
export type CaptureReport =
  /**
   * Money was refunded, by this service or by staff at the provider. `refunded` is the sum of all refunds of the
   * payment.
   */
  | { readonly status: 'refunded'; readonly refunded: Money }
  /** The buyer disputes the payment. While the dispute is `open`, the buyer's bank has not decided yet. */
  | { readonly status: 'disputed'; readonly disputeId: string; readonly outcome: DisputeOutcome };

export type DisputeOutcome = 'open' | 'won' | 'lost';

/** A verified webhook about a payment. */
export interface ProviderEvent {
  /** The provider's id of the event. A repeated webhook has the same id. */
  readonly eventId: string;
  readonly showId: number;
  readonly paymentId: string;
  readonly report: PaymentReport | CaptureReport;
}

/** A verified webhook that names a capture but not the payment. */
export interface CaptureEvent extends Pick<ProviderEvent, 'eventId' | 'report'> {
  readonly captureReference: string;
}

/** A request to a provider to pay a refund. */
export interface RefundOrder {
  /** The idempotency key. */
  readonly refundId: string;
  /** The provider's id of the payment. */
  readonly paymentReference: string;
  readonly amount: Money;
  /** The provider's id of the refund. Null until the provider has begun the refund. */
  readonly reference: string | null;
}

/** The status of a refund as a provider reports it. */
export type RefundReport =
  | { readonly status: 'paid' | 'pending'; readonly reference: string }
  /** No money is left to refund, because staff refunded it at the provider. `refunded` is the sum of all refunds. */
  | { readonly status: 'alreadyRefunded'; readonly refunded: Money | null }
  /** The payment is disputed, so the provider refuses the refund. */
  | { readonly status: 'disputed' };

/** Thrown if the provider refuses a payment for good, so that a retry would fail in the same way. */
export class PaymentRefusedError extends Error {
  override readonly name = 'PaymentRefusedError';

  constructor(
    readonly failure: PaymentFailure,
    options?: ErrorOptions,
  ) {
    super(`the provider refused the payment: ${failure.code}`, options);
  }
}

/**
 * How long a payment can take money. Stripe demands at least 30 minutes from the first request, which may come late.
 */
export const openMsMax = 40 * 60_000;

/** Time limit for a response from a provider. */
export const answerMsMax = 8000;

/**
 * The calls to a payment provider. A failure that is not described here, such as a timeout, throws an error. The caller
 * then retries the call.
 */
export interface PaymentGateway {
  readonly provider: 'sandbox' | 'stripe';
  /** Opens a payment. @throws PaymentRefusedError if the provider refuses the payment for good */
  open(order: PaymentOrder): Promise<OpenedPayment>;
  /** Fetches the status of a payment. */
  fetchPayment(reference: string): Promise<PaymentReport>;
  /**
   * Asks the provider to take no money for a payment any more. Returns the status after that. It is `failed` unless the
   * payment has taken money or still may take it.
   */
  cancel(reference: string): Promise<PaymentReport>;
  refund(order: RefundOrder): Promise<RefundReport>;
  /**
   * Verifies and parses a webhook.
   *
   * @returns null if the webhook is not about a payment of this service
   * @throws ForgedWebhookError if the signature is wrong or too old
   */
  parseWebhook(
    body: Buffer,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): ProviderEvent | CaptureEvent | null;
  /** Asks the provider which payment a capture belongs to. @returns null if this service has no such payment */
  findPayment(captureReference: string): Promise<Pick<ProviderEvent, 'showId' | 'paymentId'> | null>;
}

/** Nest's token for the {@link PaymentGateway} that the settings choose. */
export const PAYMENT_GATEWAY = Symbol('PaymentGateway');

/** Thrown if a webhook has no valid signature of the provider. */
export class ForgedWebhookError extends Error {
  override readonly name = 'ForgedWebhookError';
}
