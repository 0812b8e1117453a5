import type { Money, PaymentFailure, PaymentMethod } from '@usher/contract';

/** A payment as a provider is asked to open it. */
export interface PaymentOrder {
  readonly showId: number;
  /** The idempotency key: asked for the same payment again, the provider answers as it did at first. */
  readonly paymentId: string;
  readonly price: Money;
  readonly method: PaymentMethod;
  /** What is paid for, as the buyer reads it. */
  readonly description: string;
  /** Where the service is reached, e.g. `https://tickets.example`. */
  readonly baseUrl: string;
  /** Where the pay page leads back to. */
  readonly returnUrl: string | null;
  /** When it was begun, ms since 1970: it takes money for {@link openMsMax} from then on. */
  readonly madeAt: number;
}

/** A payment that the provider has opened. */
export interface OpenedPayment {
  /** The provider's name for it. */
  readonly reference: string;
  readonly redirectUrl: string;
  /** What the code to be shown says; null where none is. */
  readonly qrCode: string | null;
}

/**
 * What a provider says of a payment, by itself or because it was asked. `failed`: it takes no money any more; `declined`:
 * another try may follow.
 */
export type SeenPayment =
  | { readonly status: 'pending' | 'declined' | 'failed' }
  | {
      readonly status: 'succeeded';
      readonly captured: Money;
      /** The provider's name for the money that it took; events about disputes have it. */
      readonly captureReference?: string | null;
    };

/** What a provider says of money that it has taken before. */
export type SeenCapture =
  /** So much has gone back in all, by this service or by staff at the provider. */
  | { readonly status: 'refunded'; readonly refunded: Money }
  /** The buyer's bank takes the money back (`open`), and decides about that in the end. */
  | { readonly status: 'disputed'; readonly disputeId: string; readonly outcome: DisputeOutcome };

export type DisputeOutcome = 'open' | 'won' | 'lost';

/** A webhook that verifies. */
export interface ProviderEvent {
  /** The provider's: the same when it is sent again. */
  readonly eventId: string;
  readonly showId: number;
  readonly paymentId: string;
  readonly seen: SeenPayment | SeenCapture;
}

/** A webhook that verifies and names no payment of this service, but money that the provider took. */
export interface CaptureEvent extends Pick<ProviderEvent, 'eventId' | 'seen'> {
  readonly captureReference: string;
}

/** Money to be given back. */
export interface RefundOrder {
  /** The idempotency key. */
  readonly refundId: string;
  /** The provider's name for the payment. */
  readonly paymentReference: string;
  readonly amount: Money;
  /** The provider's name for the refund, from the time that it was `pending`; else null. */
  readonly reference: string | null;
}

/** What became of a refund. */
export type SeenRefund =
  | { readonly status: 'paid' | 'pending'; readonly reference: string }
  /** There is nothing left to give back: staff gave it back at the provider. `refunded` is what went back in all. */
  | { readonly status: 'alreadyRefunded'; readonly refunded: Money | null }
  /** The buyer's bank has taken the money back, or will decide about that. */
  | { readonly status: 'disputed' };

/** The provider refuses a payment for good: asking again would be answered in the same way. */
export class PaymentRefusedError extends Error {
  override readonly name = 'PaymentRefusedError';

  constructor(
    readonly failure: PaymentFailure,
    options?: ErrorOptions,
  ) {
    super(`the provider refuses the payment: ${failure.code}`, options);
  }
}

/** How long a payment is open. Stripe wants half an hour from when it hears of it, which may be later. */
export const openMsMax = 40 * 60_000;

/** Longest that a provider is waited for. */
export const answerMsMax = 8000;

/** What the service needs of a payment provider. Whatever else fails, or is no answer, is thrown as any error. */
export interface PaymentGateway {
  readonly provider: 'sandbox' | 'stripe';
  /** @throws PaymentRefusedError for a final refusal */
  open(order: PaymentOrder): Promise<OpenedPayment>;
  /** Asks what became of a payment. */
  look(reference: string): Promise<SeenPayment>;
  refund(order: RefundOrder): Promise<SeenRefund>;
  /**
   * Reads a webhook. @returns null when it says nothing of a payment of this service
   * @throws ForgedWebhookError when it does not verify, or was signed too long ago
   */
  read(
    body: Buffer,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): ProviderEvent | CaptureEvent | null;
  /** Asks which payment took some money. @returns null when it is of no payment of this service */
  paymentOf(captureReference: string): Promise<Pick<ProviderEvent, 'showId' | 'paymentId'> | null>;
}

/** Nest's token for the {@link PaymentGateway} of the settings. */
export const PAYMENT_GATEWAY = Symbol('PaymentGateway');

/** A webhook that nobody can be shown to have signed. */
export class ForgedWebhookError extends Error {
  override readonly name = 'ForgedWebhookError';
}
