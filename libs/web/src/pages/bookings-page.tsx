import type { Booking, Show } from '@usher/contract';
import { useCallback, useId } from 'react';
import { Link } from 'wouter';
import { Countdown } from '../booking/countdown.js';
import { useBooking } from '../booking/use-booking.js';
import { type Hold, isHeld } from '../booking/use-buying.js';
import { bookingPath } from '../paying/booking-path.js';
import { paymentInWords } from '../paying/payment-words.js';
import { formatDayAndTime, formatMoney } from '../ui/format.js';
import { useLoad } from '../ui/load.js';
import { Loading } from '../ui/loading.js';
import { Page } from '../ui/page.js';
import { useUsher } from '../usher.js';
import { type MyBooking, readMyBookings } from './my-bookings.js';

/** What this browser has held or bought, of any show: the way back to it. */
export function BookingsPage() {
  const usher = useUsher();
  const loaded = useLoad(useCallback(() => readMyBookings(usher), [usher]));
  return (
    <Page title="My tickets" crumbs={[{ href: '/', text: 'Cities' }]} lead="What was held or bought in this browser.">
      <Loading loaded={loaded} what="tickets">
        {(mine) => (mine.length === 0 ? <Nothing /> : <MyBookings mine={mine} />)}
      </Loading>
    </Page>
  );
}

const Nothing = () => (
  <>
    <p>There are no tickets, and no seats are held for you.</p>
    <p>
      <Link href="/" className="button">
        Choose a city
      </Link>
    </p>
  </>
);

const MyBookings = ({ mine }: { readonly mine: readonly MyBooking[] }) => (
  <ul className="my-bookings">
    {mine.map(({ booking, show }) => (
      <li key={booking.bookingId}>
        {isHeld(booking) ? <Followed first={booking} show={show} /> : <Standing booking={booking} show={show} />}
      </li>
    ))}
  </ul>
);

/** A hold ends, or is paid on another device, while one looks at it. */
function Followed({ first, show }: { readonly first: Hold; readonly show: Show }) {
  const booking = useBooking(first.bookingId)?.booking ?? first;
  return isHeld(booking) ? <Held hold={booking} show={show} /> : <Standing booking={booking} show={show} />;
}

function Held({ hold, show }: { readonly hold: Hold; readonly show: Show }) {
  const titleId = useId();
  return (
    <section className="panel panel-hold" aria-labelledby={titleId}>
      <h2 id={titleId}>{show.movie.title}</h2>
      <Facts booking={hold} show={show} />
      <Countdown until={hold.expiresAt}>left to keep these seats</Countdown>
      <p className="actions">
        <Link href={bookingPath(hold.bookingId)} className="button button-main">
          Pay {formatMoney(hold.total)}
        </Link>
        <Link href={`/shows/${show.showId}`} className="button">
          Back to the seats
        </Link>
      </p>
    </section>
  );
}

function Standing({ booking, show }: MyBooking) {
  const titleId = useId();
  const words = paymentInWords(booking)?.title ?? 'The time ran out';
  return (
    <section className="panel" aria-labelledby={titleId}>
      <h2 id={titleId}>{show.movie.title}</h2>
      <Facts booking={booking} show={show} />
      <p>
        <strong>{show.calledOff ? 'The show was called off' : words}</strong>
      </p>
      <p className="actions">
        <Link href={bookingPath(booking.bookingId)} className="button">
          {booking.status === 'booked' ? 'Show the tickets' : 'What became of it'}
        </Link>
      </p>
    </section>
  );
}

function Facts({ booking, show: { startsAt, cinema, hall } }: { readonly booking: Booking; readonly show: Show }) {
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
