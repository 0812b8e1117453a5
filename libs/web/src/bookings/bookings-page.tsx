import type { Booking, Show } from '@usher/contract';
import { useCallback, useId } from 'react';
import { Link } from 'wouter';
import { HoldCountdown } from './hold-countdown.js';
import { useBooking } from './use-booking.js';
import { type Hold, isHeld, getBookingPath } from './booking.js';
import { describePayment } from './payment-text.js';
import { formatDayAndTime, formatMoney } from '../ui/format.js';
import { useLoad } from '../service/use-load.js';
import { LoadView } from '../service/load-view.js';
import { Page } from '../ui/page.js';
import { useUsher } from '../service/usher-context.js';
import { type BookingWithShow, readMyBookings } from './read-my-bookings.js';
import './bookings.css';

/** What this browser has held or bought, of any show: the way back to it. */
export function BookingsPage() {
  const usher = useUsher();
  const loaded = useLoad(useCallback(() => readMyBookings(usher), [usher]));
  return (
    <Page title="My tickets" crumbs={[{ href: '/', text: 'Cities' }]} lead="What was held or bought in this browser.">
      <LoadView loaded={loaded} what="tickets">
        {(mine) => (mine.length === 0 ? <NoBookings /> : <BookingList mine={mine} />)}
      </LoadView>
    </Page>
  );
}

const NoBookings = () => (
  <>
    <p>There are no tickets, and no seats are held for you.</p>
    <p>
      <Link href="/" className="button">
        Choose a city
      </Link>
    </p>
  </>
);

const BookingList = ({ mine }: { readonly mine: readonly BookingWithShow[] }) => (
  <ul className="booking-list">
    {mine.map(({ booking, show }) => (
      <li key={booking.bookingId}>
        {isHeld(booking) ? <LiveHold first={booking} show={show} /> : <BookingCard booking={booking} show={show} />}
      </li>
    ))}
  </ul>
);

/** A hold ends, or is paid on another device, while one looks at it. */
function LiveHold({ first, show }: { readonly first: Hold; readonly show: Show }) {
  const booking = useBooking(first.bookingId)?.booking ?? first;
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
  const words = describePayment(booking)?.title ?? 'The time ran out';
  return (
    <section className="panel" aria-labelledby={titleId}>
      <h2 id={titleId}>{show.movie.title}</h2>
      <BookingFacts booking={booking} show={show} />
      <p>
        <strong>{show.calledOff ? 'The show was called off' : words}</strong>
      </p>
      <p className="actions">
        <Link href={getBookingPath(booking.bookingId)} className="button">
          {booking.status === 'booked' ? 'Show the tickets' : 'What became of it'}
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
