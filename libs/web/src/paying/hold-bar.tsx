import { Link } from 'wouter';
import { useSecondsUntil } from '../booking/countdown.js';
import type { Hold } from '../booking/use-buying.js';
import { formatCountdown, formatMoney, plural } from '../ui/format.js';
import { bookingPath } from './booking-path.js';
import './paying.css';

/** On a telephone the hold is far below the map: how long it lasts, and the way to pay, stay at the screen's foot. */
export function HoldBar({ hold: { bookingId, seats, total, expiresAt } }: { readonly hold: Hold }) {
  const left = useSecondsUntil(expiresAt);
  return (
    <p className="hold-bar">
      <span>
        {plural(seats.length, 'seat')}, <span className="digits">{formatCountdown(left)}</span> left
      </span>
      <Link href={bookingPath(bookingId)} className="button button-main">
        Pay {formatMoney(total)}
      </Link>
    </p>
  );
}
