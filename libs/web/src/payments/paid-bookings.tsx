import type { ShowView } from '@usher/client';
import type { Booking } from '@usher/contract';
import { useEffect, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { isHeld, getBookingPath } from '../bookings/booking.js';
import { useAnnounce } from '../ui/announcer.js';
import { formatMoney } from '../ui/format.js';
import { describePayment } from '../bookings/payment-text.js';
import './payments.css';

/** On a show's page: what was paid for, or paid too late, with the way to its own page. */
export function PaidBookings({ view: { bookings } }: { readonly view: ShowView }) {
  useRedirectToTickets(bookings);
  return bookings.filter(isPaidOrPaidLate).map((booking) => <PaidBooking key={booking.bookingId} booking={booking} />);
}

/** Tickets, and holds that ended while they were being paid: what becomes of the money is told on the booking's page. */
function isPaidOrPaidLate({ status, payment }: Booking): boolean {
  if (status === 'booked') return true;
  const isLate = payment?.status === 'pending' || payment?.status === 'refunding' || payment?.status === 'refunded';
  return isLate && status !== 'reserved' && status !== 'refunded';
}

function PaidBooking({ booking }: { readonly booking: Booking }) {
  const words = describePayment(booking);
  if (words === null) return null;
  const labels = booking.seats.map(({ label }) => label).join(', ');
  const isBooked = booking.status === 'booked';
  return (
    <section
      className={`notice notice-${words.tone} paid-booking`}
      aria-label={isBooked ? 'Your tickets' : 'Your payment'}
    >
      <p>
        <strong>{words.title}</strong>: {labels}, {formatMoney(booking.total)}. {!isBooked && words.text}
      </p>
      <Link href={getBookingPath(booking.bookingId)} className={isBooked ? 'button button-main' : 'button'}>
        {isBooked ? 'Show my tickets' : 'What becomes of my money'}
      </Link>
    </section>
  );
}

/** When the last hold of this page is paid, on whichever device, the page goes on to its tickets. */
function useRedirectToTickets(bookings: readonly Booking[]): void {
  const [, navigate] = useLocation();
  const announce = useAnnounce();
  const awaited = useRef(new Set<string>());

  useEffect(() => {
    const paid = bookings.find(({ bookingId, status }) => status === 'booked' && awaited.current.has(bookingId));
    awaited.current = new Set(
      bookings.filter((booking) => isHeld(booking) && booking.payment).map(({ bookingId }) => bookingId),
    );
    if (!paid) return;
    const { title = '', text = '' } = describePayment(paid) ?? {};
    announce(`${title}. ${text}`);
    if (!bookings.some(isHeld)) navigate(getBookingPath(paid.bookingId));
  }, [announce, bookings, navigate]);
}
