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
  /** The provider's id of the payment. Null until the provider has confirmed that it opened the payment. */
  readonly reference: string | null;
  readonly redirectUrl: string | null;
  readonly qrCode: string | null;
  /** Why the provider refused the payment. Null if it did not refuse the payment. */
  readonly failure: PaymentFailure | null;
  /** Whether the buyer won a dispute, so that the bank has returned the money to the buyer. */
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

/** The key of a payment. It contains the show, so that every statement runs on the show's shard. */
export type PaymentKey = Pick<StoredPayment, 'showId' | 'paymentId'>;

/** A refund that this node has claimed. */
export interface StoredRefund extends RefundDue {
  readonly showId: number;
  /** The provider's id of the refund. Null until the provider has begun the refund. */
  readonly reference: string | null;
  readonly isPaid: boolean;
  /** Number of attempts, including the attempt that this claim is for. */
  readonly attempts: number;
}

/** A webhook that this node has claimed. */
export type StoredEvent = ProviderEvent & { readonly attempts: number };

/**
 * Access to the tables of payments. They are PostgreSQL tables in the service, and simulated tables in the simulator.
 * Most methods are one statement.
 */
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
   * Records a refund that staff made at the provider. It inserts a paid refund whose amount is the total minus the
   * refunds in the table.
   *
   * @param total sum of all refunds of the payment at the provider
   * @returns the amount of the inserted refund, or 0 if none was needed
   */
  recordOutsideRefund(payment: StoredPayment, total: number): Promise<number>;
  /**
   * Records a dispute. If the outcome of the dispute is known, a late report that the dispute is open has no effect.
   */
  recordDispute(key: PaymentKey, disputeId: string, outcome: DisputeOutcome): Promise<void>;
  /**
   * Moves a payment to a later status. A status that comes before the stored one has no effect. A payment that took
   * money is no longer polled.
   */
  advanceStatus(key: PaymentKey, status: PaymentStatus): Promise<void>;
  /** Stops polling a payment, because the provider takes no more money for it. */
  stopPolling(key: PaymentKey): Promise<void>;
  /** Stores the provider's reference of a refund that the provider has begun. */
  recordRefundBegun(refund: StoredRefund, reference: string): Promise<void>;
  /**
   * Records that the provider has paid a refund.
   *
   * @param total sum of all refunds at the provider, if staff made some of them. The amount of this refund is reduced
   * so that the sum does not exceed the total
   * @returns how many refunds of the payment are still unpaid
   */
  recordRefundPaid(refund: StoredRefund, reference: string | null, total?: number): Promise<number>;
}
