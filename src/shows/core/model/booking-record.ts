import type { BookingPayment, BookingStatus } from '@usher/contract';
import type { RefundTerms } from './refund-terms.js';

/** An idempotency key and the hash of the request body with which it came. */
export interface UsedKey {
  readonly key: string;
  readonly bodyHash: string;
}

/**
 * A booking in the form that the core, the log and the tables use. Times are milliseconds since 1970 by the database's
 * clock.
 */
export interface BookingRecord {
  readonly bookingId: string;
  readonly sessionId: string;
  readonly status: BookingStatus;
  readonly seats: readonly number[];
  /**
   * The price of each of {@link seats}, in the currency's minor unit. Later price changes do not apply to a booking.
   */
  readonly amounts: readonly number[];
  readonly currency: string;
  /** Whether the buyer got seats other than the requested ones. */
  readonly substituted: boolean;
  readonly createdAt: number;
  /** The end of the hold; null after the booking is paid. */
  readonly expiresAt: number | null;
  /**
   * The first values of {@link expiresAt} and {@link version}. A request that repeats the idempotency key gets these
   * values as its answer.
   */
  readonly firstExpiresAt: number;
  readonly firstVersion: number;
  /** The show's version after the last change of the booking. */
  readonly version: number;
  readonly usedKey: UsedKey | null;
  /** The line ticket whose holder was offered these seats; null if the session reserved the seats itself. */
  readonly lineTicket: number | null;
  /** The payment that paid for the booking, otherwise the last payment that was begun; null if none was begun. */
  readonly payment: Readonly<BookingPayment> | null;
  /**
   * The source that reserved the seats or waited for them (see `Buyer`). Its budget counts the seats until they are paid
   * or free again. Null if the caller has no budget.
   */
  readonly source: string | null;
  /** Null for a booking from a release that did not store refund terms. The current terms of the show then apply. */
  readonly refundTerms: RefundTerms | null;
}

/** Whether a booking holds seats. */
export const isLive = ({ status }: Pick<BookingRecord, 'status'>): boolean =>
  status === 'reserved' || status === 'booked';

/** Whether a payment of a hold is running, so that it may take money at any moment. */
export const isBeingPaid = ({ status, payment }: Pick<BookingRecord, 'status' | 'payment'>): boolean =>
  status === 'reserved' && payment !== null && payment.status !== 'failed';

/** Returns the number of unpaid seats that a booking holds. */
export const heldSeatCount = ({ status, seats }: BookingRecord): number => (status === 'reserved' ? seats.length : 0);
