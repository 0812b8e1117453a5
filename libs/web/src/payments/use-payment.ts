import type { Booking, PaymentFailure, PaymentMethod } from '@usher/contract';
import { useEffect, useState } from 'react';
import { describeError, type Refusal } from '../service/refusals.js';
import { useAnnounce } from '../ui/announcer.js';
import { useUsher } from '../service/usher-context.js';
import { getBookingPath } from '../bookings/booking.js';

/** What a buyer can do to pay. What comes of it is the booking's to say. */
export interface PaymentActions {
  /** A payment is being begun, or the browser is on its way to the provider's page. */
  readonly busy: boolean;
  readonly refusal: Refusal | null;
  /** Begins to pay: on the provider's page, in this window, or by a code that is shown here. */
  readonly pay: (method: PaymentMethod, mayBeOthers: boolean) => void;
}

const providerUnavailable: Refusal = {
  title: 'The payment provider does not answer',
  text: 'Nothing was paid, and your seats are still held. Please try again in a moment.',
  alternative: null,
  taken: [],
  canQueue: false,
};

const describePaymentFailure = ({ detail }: PaymentFailure): Refusal => ({
  ...providerUnavailable,
  title: 'The payment was refused',
  text: `${detail} Nothing was paid, and your seats are still held.`,
});

/** Paying for a hold. */
export function usePayment({ bookingId }: Pick<Booking, 'bookingId'>): PaymentActions {
  const { bookings } = useUsher();
  const announce = useAnnounce();
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);

  useEffect(() => {
    // Who comes back from the provider by the browser's own button finds the page as it was left.
    const restored = ({ persisted }: PageTransitionEvent) => persisted && setBusy(false);
    window.addEventListener('pageshow', restored);
    return () => window.removeEventListener('pageshow', restored);
  }, []);

  const refuse = (words: Refusal) => {
    setBusy(false);
    setRefusal(words);
    announce(`${words.title}. ${words.text}`, 'assertive');
  };

  const pay = async (method: PaymentMethod, mayBeOthers: boolean) => {
    if (busy) return;
    setBusy(true);
    setRefusal(null);
    try {
      const returnUrl = window.location.origin + getBookingPath(bookingId);
      const wish = { method, returnUrl, ...(mayBeOthers && { onConflict: 'alternative' as const }) };
      const { redirectUrl, status, failure } = await bookings.pay(bookingId, wish);
      if (failure) refuse(describePaymentFailure(failure));
      // Nothing was to be paid: the booking's own news shows the tickets.
      else if (status === 'succeeded') setBusy(false);
      else if (redirectUrl === null) refuse(providerUnavailable);
      else if (method === 'card') window.location.assign(redirectUrl);
      else setBusy(false);
    } catch (thrown) {
      refuse(describeError(thrown));
    }
  };

  return { busy, refusal, pay: (method, mayBeOthers) => void pay(method, mayBeOthers) };
}
