import type { BookingPayment, BookingStatus } from '@usher/contract';
import type { RefundTerms } from './refund-terms.js';

/** An idempotency key with the hash of the body that it came with. */
export interface UsedKey {
  readonly key: string;
  readonly bodyHash: string;
}

/** A booking as the core, the log and the tables know it. Times are milliseconds since 1970 by the database's clock. */
export interface BookingRecord {
  readonly bookingId: string;
  readonly sessionId: string;
  readonly status: BookingStatus;
  readonly seats: readonly number[];
  /** What each of {@link seats} costs, in the currency's minor unit: prices may change later, this booking's do not. */
  readonly amounts: readonly number[];
  readonly currency: string;
  readonly substituted: boolean;
  readonly createdAt: number;
  /** When the hold ends, or ended; null once booked. */
  readonly expiresAt: number | null;
  /** {@link expiresAt} and {@link version} as they were at first: what a re-sent idempotency key is answered with. */
  readonly firstExpiresAt: number;
  readonly firstVersion: number;
  /** The show's version that the last change made. */
  readonly version: number;
  readonly usedKey: UsedKey | null;
  /** The ticket of the seat line that the seats were offered to; null: they were reserved. */
  readonly ticket: number | null;
  /** The payment that paid for it, or else the last one that was begun for it; null: none was. */
  readonly payment: Readonly<BookingPayment> | null;
  /** Null: made by a release that did not keep them; then those of the show apply. */
  readonly refundTerms: RefundTerms | null;
}

/** Whether a booking holds seats. */
export const isLive = ({ status }: Pick<BookingRecord, 'status'>): boolean =>
  status === 'reserved' || status === 'booked';

/** Returns the number of unpaid seats that a booking holds. */
export const heldSeatCount = ({ status, seats }: BookingRecord): number => (status === 'reserved' ? seats.length : 0);
