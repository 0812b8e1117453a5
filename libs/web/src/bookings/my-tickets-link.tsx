import { Link } from 'wouter';
import { useKnownBookingIds } from './known-bookings.js';
import './bookings.css';

/** Links to the buyer's holds and tickets from every page. Shows nothing if this browser remembers no booking. */
export function MyTicketsLink() {
  if (useKnownBookingIds().length === 0) return null;
  return (
    <Link href="/bookings" className="my-tickets">
      My tickets
    </Link>
  );
}
