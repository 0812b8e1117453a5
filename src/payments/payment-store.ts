import type { PaymentFailure, PaymentMethod, PaymentStatus } from '@usher/contract';
import type { DisputeOutcome, OpenedPayment, ProviderEvent } from './payment-gateway.js';
import type { RefundDue } from '../shows/index.js';

/** A payment's row. */
export interface StoredPayment {
  readonly showId: number;
  readonly paymentId: string;
  readonly bookingId: string;
  readonly sessionId: string;
  readonly provider: string;
  readonly method: PaymentMethod;
  /** In the minor unit of {@link currency}. */
  readonly amount: number;
  readonly currency: string;
  /** What the buyer agreed to, should the money come after the hold has ended. */
  readonly onConflict: 'refuse' | 'alternative';
  readonly status: PaymentStatus;
  readonly description: string;
  readonly baseUrl: string;
  readonly returnUrl: string | null;
  readonly key: string | null;
  /** Null: the provider is not known to have opened it. */
  readonly reference: string | null;
  readonly redirectUrl: string | null;
  readonly qrCode: string | null;
  /** Why the provider refused it; null: it did not. */
  readonly failure: PaymentFailure | null;
  /** Whether the buyer's bank has taken the money back for good. */
  readonly isDisputeLost: boolean;
  /** When it was begun, ms since 1970, and how long ago that is. */
  readonly madeAt: number;
  readonly ageMs: number;
}

/** What a payment is begun with. */
export type NewPayment = Omit<
  StoredPayment,
  'status' | 'reference' | 'redirectUrl' | 'qrCode' | 'failure' | 'isDisputeLost' | 'madeAt' | 'ageMs'
>;

/** A payment's name: its show is known with it, so that one shard has all of it. */
export type PaymentKey = Pick<StoredPayment, 'showId' | 'paymentId'>;

/** Money that is to go back, claimed by this node. */
export interface StoredRefund extends RefundDue {
  readonly showId: number;
  /** The provider's name for it. */
  readonly reference: string | null;
  readonly isPaid: boolean;
  /** Counts the one that the claim is for. */
  readonly attempts: number;
}

/** An event of the inbox, claimed by this node. */
export type StoredEvent = ProviderEvent & { readonly attempts: number };

/** Where payments are kept: PostgreSQL in the service, a simulated one in the simulator. Every method is one statement. */
export interface PaymentStore {
  find(key: PaymentKey): Promise<StoredPayment | null>;
  /** The provider has opened it. Moves nothing back: of two that say so the first is kept. */
  opened(key: PaymentKey, opened: OpenedPayment): Promise<void>;
  /** The provider refuses it for good. */
  refused(key: PaymentKey, failure: PaymentFailure): Promise<void>;
  /** The provider's name for the money that it took. */
  captured(key: PaymentKey, captureReference: string): Promise<void>;
  /** What is to go back, or has gone back, by the service's own books; in minor units. */
  refundsTotal(key: PaymentKey): Promise<number>;
  /**
   * Money of a payment went back at the provider, `total` in all: what the books lack of that is written down as paid back.
   *
   * @returns how much the books lacked
   */
  addOutsideRefund(payment: StoredPayment, total: number): Promise<number>;
  /** A dispute is open, won or lost. Its outcome is kept, however late its beginning is told. */
  disputed(key: PaymentKey, disputeId: string, outcome: DisputeOutcome): Promise<void>;
  /** Another status, if it is a later one. Of a payment that took money nothing more is expected. */
  advance(key: PaymentKey, status: PaymentStatus): Promise<void>;
  /** The provider takes no money for it any more: it is not looked at again. */
  close(key: PaymentKey): Promise<void>;
  /** Stores the provider's reference of a refund that the provider has begun. */
  refundBegun(refund: StoredRefund, reference: string): Promise<void>;
  /**
   * The provider has given the money back.
   *
   * @param total what went back in all, where staff gave some of it back: no more than that is written down
   * @returns how many refunds of the payment it has not
   */
  refundPaid(refund: StoredRefund, reference: string | null, total?: number): Promise<number>;
}
