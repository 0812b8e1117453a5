import type { BookedSeat, Booking, Money, Show } from '@usher/contract';

/** Until when, and for what fee, a buyer may give seats of a show back. */
export interface RefundTerms {
  /** Milliseconds since 1970. */
  readonly deadline: number;
  /** Kept of each seat's price, in the currency's minor unit. */
  readonly fee: number;
}

/**
 * The terms of a booking, which keeps those of the day of its sale; null: its seats are not taken back. A service that says
 * nothing of the booking's goes by the show's: without a rule, all goes back until it starts.
 */
export function getRefundTerms(
  booking: Pick<Booking, 'refunds'>,
  show: Pick<Show, 'rules' | 'startsAt'>,
): RefundTerms | null {
  if (booking.refunds === null) return null;
  if (booking.refunds) return { deadline: Date.parse(booking.refunds.until), fee: booking.refunds.feeAmount };
  return getShowRefundTerms(show);
}

function getShowRefundTerms({ rules: { refunds }, startsAt }: Pick<Show, 'rules' | 'startsAt'>): RefundTerms | null {
  if (refunds === null) return null;
  const { deadlineMinutes, feeAmount } = refunds ?? { deadlineMinutes: 0, feeAmount: 0 };
  return { deadline: Date.parse(startsAt) - deadlineMinutes * 60_000, fee: feeAmount };
}

/** What comes back for seats, as the service will reckon it: never less than nothing for a seat. Null without seats. */
export function computeRefund(seats: readonly BookedSeat[], { fee }: RefundTerms): Money | null {
  const [first] = seats;
  if (!first) return null;
  const amount = seats.reduce((sum, { price }) => sum + Math.max(0, price.amount - fee), 0);
  return { amount, currency: first.price.currency };
}
