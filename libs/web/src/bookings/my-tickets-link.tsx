import { Link } from 'wouter';
import { useKnownBookingIds } from './known-bookings.js';
import './bookings.css';

/** The way back to what was held or bought, from every page; not there for who has nothing. */
export function MyTicketsLink() {
  if (useKnownBookingIds().length === 0) return null;
  return (
    <Link href="/bookings" className="my-tickets">
      My tickets
    </Link>
  );
}
