import type { ShowView } from '@usher/client';
import type { Booking } from '@usher/contract';
import { useEffect, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { getBookingPath, isHeld } from '../bookings/booking.js';
import { describePayment } from '../bookings/payment-text.js';
import { useAnnounce } from '../ui/announcer.js';
import { formatMoney } from '../ui/format.js';
import './payments.css';

/** Lists the bookings of a show that the buyer has paid, or paid too late, with links to their pages. */
export function PaidBookings({ view: { bookings } }: { readonly view: ShowView }) {
  useRedirectToTickets(bookings);
  return bookings.filter(isPaidOrPaidLate).map((booking) => <PaidBooking key={booking.bookingId} booking={booking} />);
}

/**
 * Includes holds that ended during their payment, because the booking's page shows whether the buyer gets the money
 * back.
 */
function isPaidOrPaidLate({ status, payment }: Booking): boolean {
  if (status === 'booked') return true;
  const isLate = payment?.status === 'pending' || payment?.status === 'refunding' || payment?.status === 'refunded';
  return isLate && status !== 'reserved' && status !== 'refunded';
}

function PaidBooking({ booking }: { readonly booking: Booking }) {
  const payment = describePayment(booking);
  if (payment === null) return null;
  const labels = booking.seats.map(({ label }) => label).join(', ');
  const isBooked = booking.status === 'booked';
  return (
    <section
      className={`notice notice-${payment.tone} paid-booking`}
      aria-label={isBooked ? 'Your tickets' : 'Your payment'}
    >
      <p>
        <strong>{payment.title}</strong>: {labels}, {formatMoney(booking.total)}. {!isBooked && payment.text}
      </p>
      <Link href={getBookingPath(booking.bookingId)} className={isBooked ? 'button button-main' : 'button'}>
        {isBooked ? 'Show my tickets' : 'Show my payment'}
      </Link>
    </section>
  );
}

/** Opens the tickets when the buyer has paid for the last hold of this show, on this device or on another one. */
function useRedirectToTickets(bookings: readonly Booking[]): void {
  const [, navigate] = useLocation();
  const announce = useAnnounce();
  const pendingIds = useRef(new Set<string>());

  useEffect(() => {
    const paid = bookings.find(({ bookingId, status }) => status === 'booked' && pendingIds.current.has(bookingId));
    pendingIds.current = new Set(
      bookings.filter((booking) => isHeld(booking) && booking.payment).map(({ bookingId }) => bookingId),
    );
    if (!paid) return;
    const { title = '', text = '' } = describePayment(paid) ?? {};
    announce(`${title}. ${text}`);
    if (!bookings.some(isHeld)) navigate(getBookingPath(paid.bookingId));
  }, [announce, bookings, navigate]);
}
