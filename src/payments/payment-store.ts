import type { PaymentFailure, PaymentMethod, PaymentStatus } from '@usher/contract';
import type { DisputeOutcome, OpenedPayment, ProviderEvent } from './payment-gateway.js';
import type { RefundDue } from '../shows/index.js';

/** A payment as its table stores it. */
export interface StoredPayment {
  readonly showId: number;
  readonly paymentId: string;
  readonly bookingId: string;
  readonly sessionId: string;
  readonly provider: string;
  readonly method: PaymentMethod;
  /** In minor units of {@link currency}. */
  readonly amount: number;
  readonly currency: string;
  /** Whether the buyer accepts other seats if the money comes after the hold has ended. */
  readonly onConflict: 'refuse' | 'alternative';
  readonly status: PaymentStatus;
  readonly description: string;
  readonly baseUrl: string;
  readonly returnUrl: string | null;
  readonly key: string | null;
  /** The provider's id. Null until the provider has confirmed that it opened the payment. */
  readonly reference: string | null;
  readonly redirectUrl: string | null;
  readonly qrCode: string | null;
  /** Why the provider refused the payment. Null if it did not refuse. */
  readonly failure: PaymentFailure | null;
  /** Whether the buyer won a dispute, so that the bank has returned the money. */
  readonly isDisputeLost: boolean;
  /** When the buyer began to pay, ms since 1970. */
  readonly madeAt: number;
  /** Time since {@link madeAt}. */
  readonly ageMs: number;
}

/** A payment to be inserted. */
export type NewPayment = Omit<
  StoredPayment,
  'status' | 'reference' | 'redirectUrl' | 'qrCode' | 'failure' | 'isDisputeLost' | 'madeAt' | 'ageMs'
>;

/** The key of a payment. It contains the show, so that all statements stay on the show's shard. */
export type PaymentKey = Pick<StoredPayment, 'showId' | 'paymentId'>;

/** A refund that this node has claimed. */
export interface StoredRefund extends RefundDue {
  readonly showId: number;
  /** The provider's id of the refund. Null until the provider has begun it. */
  readonly reference: string | null;
  readonly isPaid: boolean;
  /** Number of attempts, including the attempt that this claim is for. */
  readonly attempts: number;
}

/** A webhook that this node has claimed. */
export type StoredEvent = ProviderEvent & { readonly attempts: number };

/** The tables of payments: PostgreSQL in the service, simulated tables in the simulator. Every method is one statement. */
export interface PaymentStore {
  find(key: PaymentKey): Promise<StoredPayment | null>;
  /** Records that the provider has opened a payment. A second call has no effect. */
  recordOpened(key: PaymentKey, opened: OpenedPayment): Promise<void>;
  /** Records that the provider has refused a payment for good. */
  recordRefusal(key: PaymentKey, failure: PaymentFailure): Promise<void>;
  /** Records the provider's id of the capture. */
  recordCapture(key: PaymentKey, captureReference: string): Promise<void>;
  /** Returns the sum of a payment's refunds, paid or not, in minor units. */
  sumRefunds(key: PaymentKey): Promise<number>;
  /**
   * Records a refund that staff made at the provider. It inserts a paid refund for the part of the total that the table lacks.
   *
   * @param total sum of all refunds of the payment at the provider
   * @returns the amount that the table lacked
   */
  recordOutsideRefund(payment: StoredPayment, total: number): Promise<number>;
  /** Records a dispute. If its outcome is known, a late report that it is open has no effect. */
  recordDispute(key: PaymentKey, disputeId: string, outcome: DisputeOutcome): Promise<void>;
  /** Sets a later status of a payment. An earlier status has no effect. A payment that took money is no longer polled. */
  advanceStatus(key: PaymentKey, status: PaymentStatus): Promise<void>;
  /** Stops polling a payment, because the provider takes no more money for it. */
  stopPolling(key: PaymentKey): Promise<void>;
  /** Stores the provider's reference of a refund that the provider has begun. */
  recordRefundBegun(refund: StoredRefund, reference: string): Promise<void>;
  /**
   * Records that the provider has paid a refund.
   *
   * @param total sum of all refunds at the provider, if staff made some of them. The refund's amount is reduced to fit
   * @returns how many refunds of the payment are still unpaid
   */
  recordRefundPaid(refund: StoredRefund, reference: string | null, total?: number): Promise<number>;
}
