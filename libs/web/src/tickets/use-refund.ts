import { UsherError } from '@usher/client';
import type { BookedSeat, Booking, Money } from '@usher/contract';
import { useState } from 'react';
import { describeError } from '../service/refusals.js';
import { useUsher } from '../service/usher-context.js';
import { useAnnounce } from '../ui/announcer.js';
import { formatMoney } from '../ui/format.js';

/** Returns the action that refunds seats, and announces its result to screen readers. */
export function useRefund({ bookingId, seats: bookedSeats }: Booking) {
  const { bookings } = useUsher();
  const announce = useAnnounce();
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  const refund = async (seats: readonly BookedSeat[], amount: Money) => {
    setIsBusy(true);
    setFailure(null);
    try {
      const isWholeBooking = seats.length === bookedSeats.length;
      await bookings.refund(bookingId, isWholeBooking ? undefined : seats.map(({ seat }) => seat));
      const labels = seats.map(({ label }) => label).join(', ');
      announce(`${labels} refunded. ${formatMoney(amount)} goes back to your payment method.`);
    } catch (error) {
      const { title, text } = describeRefundError(error);
      setFailure(`${title}. ${text}`);
      announce(`${title}. ${text}`, 'assertive');
    } finally {
      setIsBusy(false);
    }
  };

  return { isBusy, failure, refund };
}

/**
 * Describes why a refund failed. Two of the error codes get their own text, because their usual text is about holds and
 * not about refunds.
 */
function describeRefundError(error: unknown): { title: string; text: string } {
  const code = error instanceof UsherError ? error.code : null;
  if (code === 'BOOKING_STATE' || code === 'INVALID_SEATS') {
    return {
      title: 'Not refunded',
      text: 'You can no longer get a refund for these seats. It is too late, or somebody has entered with the tickets.',
    };
  }
  return describeError(error);
}
