import type { BookingView } from '@usher/client';
import type { Booking, Show } from '@usher/contract';
import { useCallback, useRef } from 'react';
import { isHeld } from '../bookings/booking.js';
import { useBooking } from '../bookings/use-booking.js';
import { LoadView } from '../service/load-view.js';
import { describeError } from '../service/refusals.js';
import { useLoad } from '../service/use-load.js';
import { useUsher } from '../service/usher-context.js';
import { TicketsPanel } from '../tickets/tickets-panel.js';
import { formatDayAndTime } from '../ui/format.js';
import { NotFoundPage } from '../ui/not-found-page.js';
import { Page } from '../ui/page.js';
import { useFocusFallback } from '../ui/use-focus-fallback.js';
import { BookingStatusNotice } from './booking-status-notice.js';
import { Checkout } from './checkout.js';
import { EndedHold } from './ended-hold.js';
import { ForeignBooking, InvalidLink } from './refused-pages.js';
import { usePaymentAnnouncements } from './use-payment-announcements.js';

/** The page of a booking, from the hold to the tickets and their refund. It updates whenever the booking changes. */
export function BookingPage({ bookingId }: { readonly bookingId: string }) {
  const view = useBooking(bookingId);
  if (view?.booking) return <BookingLoader view={view} booking={view.booking} />;
  if (view?.error?.code === 'FORBIDDEN') return <ForeignBooking />;
  if (view?.error?.code === 'UNAUTHENTICATED') return <InvalidLink />;
  if (view?.error && view.connection === 'closed') return <NotFoundPage />;
  return (
    <Page title="Your booking">
      {view?.error ? (
        <p className="notice notice-bad" role="alert">
          {describeError(view.error).text}
        </p>
      ) : (
        <p className="loading" role="status">
          Loading your booking …
        </p>
      )}
    </Page>
  );
}

interface BookingLoaderProps {
  readonly view: BookingView;
  readonly booking: Booking;
}

/** Loads the show of the booking. */
function BookingLoader({ view, booking }: BookingLoaderProps) {
  const { catalog } = useUsher();
  const { showId } = booking;
  const read = useCallback(() => catalog.show(showId), [catalog, showId]);
  const load = useLoad(read);
  usePaymentAnnouncements(booking);
  if (load.state !== 'ready') {
    return (
      <Page title="Your booking">
        <LoadView load={load} what="show">
          {() => null}
        </LoadView>
      </Page>
    );
  }
  return <BookingContent view={view} booking={booking} show={load.value} />;
}

interface BookingContentProps extends BookingLoaderProps {
  readonly show: Show;
}

function BookingContent({ view, booking, show }: BookingContentProps) {
  const { cinema, movie, hall } = show;
  const body = useRef<HTMLDivElement>(null);
  const focusHandlers = useFocusFallback(body);
  const isPaid = booking.status === 'booked' || booking.status === 'refunded';
  return (
    <Page
      title={movie.title}
      status={statusTitles[booking.status]}
      crumbs={[
        { href: '/', text: 'Cities' },
        { href: `/shows/${show.showId}`, text: 'Seats' },
      ]}
      lead={
        <>
          {formatDayAndTime(show.startsAt, cinema.timeZone)} · {cinema.name}, {hall.name}
        </>
      }
    >
      <div ref={body} tabIndex={-1} className="page-body" {...focusHandlers}>
        {view.connection === 'reconnecting' && (
          <p className="notice notice-warn">
            The connection is lost. This page may be out of date. It updates when the connection is back.
          </p>
        )}
        {/* While the seats are held, the pay panel describes the payment instead. */}
        {!isHeld(booking) && <BookingStatusNotice booking={booking} show={show} />}
        {isPaid && booking.code !== undefined && (
          <p className="secondary-text">
            Booking code <strong>{booking.code}</strong>. The box office can find your booking with this code.
          </p>
        )}
        {isPaid && <TicketsPanel booking={booking} show={show} />}
        {!isPaid && isHeld(booking) && <Checkout hold={booking} />}
        {!isPaid && !isHeld(booking) && <EndedHold booking={booking} show={show} />}
      </div>
    </Page>
  );
}

const statusTitles: Readonly<Record<Booking['status'], string>> = {
  reserved: 'Pay',
  booked: 'Tickets',
  refunded: 'Refunded',
  expired: 'Time ran out',
  released: 'Released',
};
