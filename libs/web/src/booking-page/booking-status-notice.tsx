import type { Booking, Show } from '@usher/contract';
import { useCallback } from 'react';
import { describePayment } from '../bookings/payment-text.js';
import { useLoad } from '../service/use-load.js';
import { useUsher } from '../service/usher-context.js';

interface BookingStatusNoticeProps {
  readonly booking: Booking;
  readonly show: Show;
}

/** Describes the status of the booking. If the booking was refunded, also says whether the show was called off. */
export function BookingStatusNotice({ booking, show: { showId } }: BookingStatusNoticeProps) {
  const payment = describePayment(booking);
  if (payment === null) return null;
  return (
    <p className={`notice notice-${payment.tone}`}>
      <span>
        {booking.status === 'refunded' && <CallOffText showId={showId} />}
        <strong>{payment.title}.</strong> {payment.text}
      </span>
    </p>
  );
}

/** Reads the show again, because the page may have loaded it before the show was called off. */
function CallOffText({ showId }: { readonly showId: number }) {
  const { catalog } = useUsher();
  const load = useLoad(useCallback(() => catalog.show(showId), [catalog, showId]));
  return load.state === 'ready' && load.value.calledOff ? <strong>The show was called off. </strong> : null;
}
