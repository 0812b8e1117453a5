import type { Booking } from '@usher/contract';
import { useEffect, useRef } from 'react';
import { describePayment } from '../bookings/payment-text.js';
import { useAnnounce } from '../ui/announcer.js';

/** Announces each new status of the payment to screen readers. A failed payment interrupts other announcements. */
export function usePaymentAnnouncements(booking: Booking): void {
  const announce = useAnnounce();
  const lastTitle = useRef<string | null>(null);
  const payment = describePayment(booking);
  const [title, text, tone] = [payment?.title ?? '', payment?.text ?? '', payment?.tone];

  useEffect(() => {
    const before = lastTitle.current;
    lastTitle.current = title;
    // Screen readers read the first status together with the page.
    if (before === null || before === title || title === '') return;
    announce(`${title}. ${text}`, tone === 'bad' ? 'assertive' : 'polite');
  }, [announce, title, text, tone]);
}
