import { Link } from 'wouter';
import { useKnownBookings } from './known-bookings.js';

/** The way back to what was held or bought, from every page; not there for who has nothing. */
export function MyTicketsLink() {
  if (useKnownBookings().length === 0) return null;
  return (
    <Link href="/bookings" className="my-tickets">
      My tickets
    </Link>
  );
}
