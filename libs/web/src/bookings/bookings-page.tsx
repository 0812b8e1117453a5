import type { Booking, Show } from '@usher/contract';
import { useCallback, useId } from 'react';
import { Link } from 'wouter';
import { LoadView } from '../service/load-view.js';
import { useLoad } from '../service/use-load.js';
import { useUsher } from '../service/usher-context.js';
import { formatDayAndTime, formatMoney } from '../ui/format.js';
import { Page } from '../ui/page.js';
import { getBookingPath, type Hold, isHeld } from './booking.js';
import { HoldCountdown } from './hold-countdown.js';
import { describePayment } from './payment-text.js';
import { type BookingWithShow, readMyBookings } from './read-my-bookings.js';
import { useBooking } from './use-booking.js';
import './bookings.css';

/** Lists the holds and tickets of this browser, for all shows. */
export function BookingsPage() {
  const usher = useUsher();
  const load = useLoad(useCallback(() => readMyBookings(usher), [usher]));
  return (
    <Page
      title="My tickets"
      crumbs={[{ href: '/', text: 'Cities' }]}
      lead="The seats that you held or bought in this browser."
    >
      <LoadView load={load} what="tickets">
        {(bookings) => (bookings.length === 0 ? <NoBookings /> : <BookingList bookings={bookings} />)}
      </LoadView>
    </Page>
  );
}

const NoBookings = () => (
  <>
    <p>There are no tickets here, and you hold no seats.</p>
    <p>
      <Link href="/" className="button">
        Choose a city
      </Link>
    </p>
  </>
);

const BookingList = ({ bookings }: { readonly bookings: readonly BookingWithShow[] }) => (
  <ul className="booking-list">
    {bookings.map(({ booking, show }) => (
      <li key={booking.bookingId}>
        {isHeld(booking) ? (
          <LiveHold initialHold={booking} show={show} />
        ) : (
          <BookingCard booking={booking} show={show} />
        )}
      </li>
    ))}
  </ul>
);

/** Keeps a hold up to date. While the page is open, the hold can end, or the buyer can pay for it on another device. */
function LiveHold({ initialHold, show }: { readonly initialHold: Hold; readonly show: Show }) {
  const booking = useBooking(initialHold.bookingId)?.booking ?? initialHold;
  return isHeld(booking) ? <HoldCard hold={booking} show={show} /> : <BookingCard booking={booking} show={show} />;
}

function HoldCard({ hold, show }: { readonly hold: Hold; readonly show: Show }) {
  const titleId = useId();
  return (
    <section className="panel panel-hold" aria-labelledby={titleId}>
      <h2 id={titleId}>{show.movie.title}</h2>
      <BookingFacts booking={hold} show={show} />
      <HoldCountdown until={hold.expiresAt}>left to keep these seats</HoldCountdown>
      <p className="actions">
        <Link href={getBookingPath(hold.bookingId)} className="button button-main">
          Pay {formatMoney(hold.total)}
        </Link>
        <Link href={`/shows/${show.showId}`} className="button">
          Back to the seats
        </Link>
      </p>
    </section>
  );
}

function BookingCard({ booking, show }: BookingWithShow) {
  const titleId = useId();
  const paymentTitle = describePayment(booking)?.title ?? 'The time ran out';
  return (
    <section className="panel" aria-labelledby={titleId}>
      <h2 id={titleId}>{show.movie.title}</h2>
      <BookingFacts booking={booking} show={show} />
      <p>
        <strong>{show.calledOff ? 'The show was called off' : paymentTitle}</strong>
      </p>
      <p className="actions">
        <Link href={getBookingPath(booking.bookingId)} className="button">
          {booking.status === 'booked' ? 'Show the tickets' : 'Show the booking'}
        </Link>
      </p>
    </section>
  );
}

function BookingFacts({
  booking,
  show: { startsAt, cinema, hall },
}: {
  readonly booking: Booking;
  readonly show: Show;
}) {
  const labels = booking.seats.map(({ label }) => label).join(', ');
  return (
    <p>
      {formatDayAndTime(startsAt, cinema.timeZone)}
      <br />
      {cinema.name}, {hall.name}
      <br />
      {booking.seats.length === 1 ? 'Seat' : 'Seats'} <strong>{labels}</strong>
    </p>
  );
}
