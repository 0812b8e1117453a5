import { useEffect, useRef } from 'react';
import { HoldClocks } from '../payments/hold-clocks.js';
import { PayPanel } from '../payments/pay-panel.js';
import { formatTime } from '../ui/format.js';
import { SeatPrices } from '../bookings/seat-prices.js';
import type { Hold } from '../bookings/booking.js';
import type { SeatHolds } from '../holds/use-seat-holds.js';

interface HoldPanelProps {
  readonly hold: Hold;
  /** Whether it was found for who stood in line. */
  readonly isOffer: boolean;
  /** Whether it was asked for on this page just now: the focus goes to it, so that paying is what comes next. */
  readonly isFresh?: boolean;
  readonly releasing: Pick<SeatHolds, 'busy' | 'release'>;
}

/** A running hold: its seats, until when, the way to pay and the way to give it back. */
export function HoldPanel({ hold, isOffer, isFresh = false, releasing }: HoldPanelProps) {
  const titleId = `hold-${hold.bookingId}`;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (isFresh) heading.current?.focus();
  }, [isFresh]);
  return (
    <section className="panel panel-hold" aria-labelledby={titleId}>
      <h2 id={titleId} ref={heading} tabIndex={-1}>
        {isOffer ? 'Seats were found for you' : 'Held for you'}
      </h2>
      <HoldClocks hold={hold} />
      <p>
        Nobody else can take these seats until <strong>{formatTime(hold.expiresAt)}</strong> on your clock.
        {isOffer && ' Then they are offered to the next in line, and your wait is over.'}
        {hold.substituted && ' Your first choice was taken; these are the nearest like it.'}
      </p>
      <SeatPrices booking={hold} />
      <PayPanel hold={hold} />
      <p className="actions actions-filled">
        <button type="button" className="button" aria-disabled={releasing.busy} onClick={() => releasing.release(hold)}>
          {isOffer ? 'Decline these seats' : 'Release these seats'}
        </button>
      </p>
    </section>
  );
}
