import { useEffect, useRef } from 'react';
import type { Hold } from '../bookings/booking.js';
import { SeatPrices } from '../bookings/seat-prices.js';
import type { SeatHolds } from '../holds/use-seat-holds.js';
import { HoldClocks } from '../payments/hold-clocks.js';
import { PayPanel } from '../payments/pay-panel.js';
import { formatTime } from '../ui/format.js';

interface HoldPanelProps {
  readonly hold: Hold;
  /** True if the buyer got these seats by waiting in line. */
  readonly isOffer: boolean;
  /** True if this page has just made the hold. The panel then gets the focus, because the next step is to pay. */
  readonly isNewest?: boolean;
  readonly releaseAction: Pick<SeatHolds, 'isBusy' | 'release'>;
}

/** Shows a live hold: its seats, the remaining time, the ways to pay, and the button that releases it. */
export function HoldPanel({ hold, isOffer, isNewest = false, releaseAction }: HoldPanelProps) {
  const titleId = `hold-${hold.bookingId}`;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (isNewest) heading.current?.focus();
  }, [isNewest]);
  return (
    <section className="panel panel-hold" aria-labelledby={titleId}>
      <h2 id={titleId} ref={heading} tabIndex={-1}>
        {isOffer ? 'Seats were found for you' : 'Held for you'}
      </h2>
      <HoldClocks hold={hold} />
      <p>
        Nobody else can take these seats until <strong>{formatTime(hold.expiresAt)}</strong> on your clock.
        {isOffer && ' After that, the next buyer in line gets them, and your wait ends.'}
        {hold.substituted && ' Your first choice was taken, so these are the nearest similar seats.'}
      </p>
      <SeatPrices booking={hold} />
      <PayPanel hold={hold} />
      <p className="actions actions-filled">
        <button
          type="button"
          className="button"
          aria-disabled={releaseAction.isBusy}
          onClick={() => releaseAction.release(hold)}
        >
          {isOffer ? 'Decline these seats' : 'Release these seats'}
        </button>
      </p>
    </section>
  );
}
