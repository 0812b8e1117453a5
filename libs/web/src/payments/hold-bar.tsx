import { Link } from 'wouter';
import { getBookingPath, type Hold } from '../bookings/booking.js';
import { useSecondsUntil } from '../service/use-seconds-until.js';
import { formatCount, formatCountdown, formatMoney } from '../ui/format.js';
import './payments.css';

/**
 * Bar at the bottom of a phone's screen with the remaining time and a link to pay. On a phone, the panel of the hold is far
 * below the map.
 */
export function HoldBar({ hold: { bookingId, seats, total, expiresAt } }: { readonly hold: Hold }) {
  const secondsLeft = useSecondsUntil(expiresAt);
  return (
    <p className="hold-bar">
      <span>
        {formatCount(seats.length, 'seat')}, <span className="tabular-digits">{formatCountdown(secondsLeft)}</span> left
      </span>
      <Link href={getBookingPath(bookingId)} className="button button-main">
        Pay {formatMoney(total)}
      </Link>
    </p>
  );
}
