import type { BookedSeat, Booking, Money, Show } from '@usher/contract';

/** Until when a buyer can get a refund, and for what fee. */
export interface RefundTerms {
  /** Milliseconds since 1970. */
  readonly deadline: number;
  /** Fee per seat, in the currency's minor unit. */
  readonly feeAmount: number;
}

/**
 * Returns the refund terms of a booking, or null if its seats are not refundable. A booking keeps the terms from the
 * time when its seats were held. If an older service does not send these terms, the terms of the show apply. A show
 * without a rule allows a full refund until it starts.
 */
export function getRefundTerms(
  booking: Pick<Booking, 'refunds'>,
  show: Pick<Show, 'rules' | 'startsAt'>,
): RefundTerms | null {
  if (booking.refunds === null) return null;
  if (booking.refunds) return { deadline: Date.parse(booking.refunds.until), feeAmount: booking.refunds.feeAmount };
  return getShowRefundTerms(show);
}

function getShowRefundTerms({ rules: { refunds }, startsAt }: Pick<Show, 'rules' | 'startsAt'>): RefundTerms | null {
  if (refunds === null) return null;
  const { deadlineMinutes, feeAmount } = refunds ?? { deadlineMinutes: 0, feeAmount: 0 };
  return { deadline: Date.parse(startsAt) - deadlineMinutes * 60_000, feeAmount };
}

/**
 * Returns the refund for some seats, as the service computes it, or null if there are no seats. A fee above the price
 * gives a refund of zero for that seat.
 */
export function computeRefund(seats: readonly BookedSeat[], { feeAmount }: RefundTerms): Money | null {
  const [first] = seats;
  if (!first) return null;
  const amount = seats.reduce((sum, { price }) => sum + Math.max(0, price.amount - feeAmount), 0);
  return { amount, currency: first.price.currency };
}
