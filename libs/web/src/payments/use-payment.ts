import type { Booking, PaymentFailure, PaymentMethod } from '@usher/contract';
import { useEffect, useState } from 'react';
import { getBookingPath } from '../bookings/booking.js';
import { describeError, makeRefusal, type Refusal } from '../service/refusals.js';
import { useUsher } from '../service/usher-context.js';
import { useAnnounce } from '../ui/announcer.js';

/** The actions of a buyer who pays for a hold. The result of the payment appears in the booking itself. */
export interface PaymentActions {
  /** True while a payment starts, or while the browser opens the provider's page. */
  readonly isBusy: boolean;
  readonly refusal: Refusal | null;
  /** Starts a payment. `card` opens the provider's page in this window, `qr` shows a code on this page. */
  readonly pay: (method: PaymentMethod, acceptsOtherSeats: boolean) => void;
}

const providerUnavailable = makeRefusal(
  'The payment provider does not answer',
  'You were not charged, and we still hold your seats. Please try again in a moment.',
);

const describePaymentFailure = ({ detail }: PaymentFailure): Refusal =>
  makeRefusal('The payment was refused', `${detail} You were not charged, and we still hold your seats.`);

/** Returns the actions to pay for a hold. */
export function usePayment({ bookingId }: Pick<Booking, 'bookingId'>): PaymentActions {
  const { bookings } = useUsher();
  const announce = useAnnounce();
  const [isBusy, setIsBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);

  useEffect(() => {
    // If the buyer returns with the back button, the browser restores the page as it was, with `isBusy` still true.
    const onPageShow = ({ persisted }: PageTransitionEvent) => persisted && setIsBusy(false);
    window.addEventListener('pageshow', onPageShow);
    return () => window.removeEventListener('pageshow', onPageShow);
  }, []);

  const refuse = (next: Refusal) => {
    setIsBusy(false);
    setRefusal(next);
    announce(`${next.title}. ${next.text}`, 'assertive');
  };

  const pay = async (method: PaymentMethod, acceptsOtherSeats: boolean) => {
    if (isBusy) return;
    setIsBusy(true);
    setRefusal(null);
    try {
      const returnUrl = window.location.origin + getBookingPath(bookingId);
      const request = { method, returnUrl, ...(acceptsOtherSeats && { onConflict: 'alternative' as const }) };
      const { redirectUrl, status, failure } = await bookings.pay(bookingId, request);
      if (failure) refuse(describePaymentFailure(failure));
      // There was nothing to pay. The page shows the tickets as soon as the booking is updated.
      else if (status === 'succeeded') setIsBusy(false);
      else if (redirectUrl === null) refuse(providerUnavailable);
      else if (method === 'card') window.location.assign(redirectUrl);
      else setIsBusy(false);
    } catch (error) {
      refuse(describeError(error));
    }
  };

  return { isBusy, refusal, pay: (method, acceptsOtherSeats) => void pay(method, acceptsOtherSeats) };
}
