import { Link } from 'wouter';
import { useSecondsUntil } from '../bookings/hold-countdown.js';
import type { Hold } from '../bookings/booking.js';
import { formatCountdown, formatMoney, formatCount } from '../ui/format.js';
import { getBookingPath } from '../bookings/booking.js';
import './payments.css';

/** On a telephone the hold is far below the map: how long it lasts, and the way to pay, stay at the screen's foot. */
export function HoldBar({ hold: { bookingId, seats, total, expiresAt } }: { readonly hold: Hold }) {
  const left = useSecondsUntil(expiresAt);
  return (
    <p className="hold-bar">
      <span>
        {formatCount(seats.length, 'seat')}, <span className="tabular-digits">{formatCountdown(left)}</span> left
      </span>
      <Link href={getBookingPath(bookingId)} className="button button-main">
        Pay {formatMoney(total)}
      </Link>
    </p>
  );
}
