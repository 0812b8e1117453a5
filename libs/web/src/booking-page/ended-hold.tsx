import type { Booking, Show } from '@usher/contract';
import { Link } from 'wouter';
import { SeatPrices } from '../bookings/seat-prices.js';
import { getRefundsKey, RefundResults } from '../tickets/refund-results.js';

interface EndedHoldProps {
  readonly booking: Booking;
  readonly show: Show;
}

/**
 * Shows a hold that has ended, and a link to choose other seats. If the buyer paid too late, also shows the refunds.
 */
export function EndedHold({ booking, show }: EndedHoldProps) {
  const { bookingId } = booking;
  return (
    <>
      <RefundResults bookingId={bookingId} refundsKey={getRefundsKey(booking)} timeZone={show.cinema.timeZone} />
      <section className="panel" aria-label="Seats">
        <SeatPrices booking={booking} />
        <p className="actions">
          <Link href={`/shows/${show.showId}`} className="button button-main">
            Choose seats again
          </Link>
        </p>
      </section>
    </>
  );
}
