import { useState } from 'react';
import { Link } from 'wouter';
import type { Hold } from '../bookings/booking.js';
import { SeatPrices } from '../bookings/seat-prices.js';
import { HoldClocks } from '../payments/hold-clocks.js';
import { PayPanel } from '../payments/pay-panel.js';
import { describeError } from '../service/refusals.js';
import { useUsher } from '../service/usher-context.js';
import { MailForm } from '../tickets/mail-form.js';
import { useAnnounce } from '../ui/announcer.js';
import './booking-page.css';

/** Shows an unpaid hold: its seats, the remaining time, the ways to pay, and the e-mail address for the tickets. */
export function Checkout({ hold }: { readonly hold: Hold }) {
  const titleId = `hold-${hold.bookingId}`;
  return (
    <div className="checkout">
      <section className="panel panel-hold" aria-labelledby={titleId}>
        <h2 id={titleId}>Held for you</h2>
        <HoldClocks hold={hold} />
        <SeatPrices booking={hold} />
        <PayPanel hold={hold} />
      </section>
      <section className="panel" aria-label="Before you pay">
        <MailForm booking={hold} />
        <ReleaseActions hold={hold} />
      </section>
    </div>
  );
}

function ReleaseActions({ hold: { bookingId, showId } }: { readonly hold: Hold }) {
  const { bookings } = useUsher();
  const announce = useAnnounce();
  const [isBusy, setIsBusy] = useState(false);
  const release = async () => {
    if (isBusy) return;
    setIsBusy(true);
    try {
      await bookings.release(bookingId);
      announce('Your seats were released.');
    } catch (error) {
      announce(describeError(error).text, 'assertive');
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <p className="actions actions-filled">
      <Link href={`/shows/${showId}`} className="button">
        Back to the seats
      </Link>
      <button type="button" className="button" aria-disabled={isBusy} onClick={() => void release()}>
        Release these seats
      </button>
    </p>
  );
}
