import type { BookingView } from '@usher/client';
import type { Booking, Show } from '@usher/contract';
import { useCallback, useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { describeError } from '../service/refusals.js';
import { SeatPrices } from '../bookings/seat-prices.js';
import { useBooking } from '../bookings/use-booking.js';
import { type Hold, isHeld } from '../bookings/booking.js';
import { HoldClocks } from '../payments/hold-clocks.js';
import { PayPanel } from '../payments/pay-panel.js';
import { describePayment } from '../bookings/payment-text.js';
import { MailForm } from '../tickets/mail-form.js';
import { getRefundsKey, RefundResults } from '../tickets/refund-results.js';
import { TicketsPanel } from '../tickets/tickets-panel.js';
import { useAnnounce } from '../ui/announcer.js';
import { formatDayAndTime } from '../ui/format.js';
import { useLoad } from '../service/use-load.js';
import { LoadView } from '../service/load-view.js';
import { Page } from '../ui/page.js';
import { useFocusFallback } from '../ui/use-focus-fallback.js';
import { useUsher } from '../service/usher-context.js';
import { NotFoundPage } from '../ui/not-found-page.js';
import './booking-page.css';

/** A booking's own page, from the hold to the tickets and their refund: whatever happens to it, the page moves on. */
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

/** The phone that has paid by a code comes here, too. */
const ForeignBooking = () => (
  <Page title="Your booking" lead="This booking was made in another browser.">
    <p>
      It is shown there: where the seats were chosen. If you have just paid for it on this device, go back to the other
      one; it goes on by itself.
    </p>
    <p>On any device, the link in the newest mail about the booking opens it.</p>
    <p>
      <Link href="/" className="button">
        Choose a city
      </Link>
    </p>
  </Page>
);

/** The link in the address has expired, was revoked, or is not complete. */
const InvalidLink = () => (
  <Page title="Your booking" lead="This link no longer opens the booking.">
    <p role="alert">
      It has expired, was replaced by a newer one, or was not copied as a whole. The newest mail about the booking has a
      valid link. The box office also finds the booking by the code in the mail.
    </p>
    <p>
      <Link href="/" className="button">
        Choose a city
      </Link>
    </p>
  </Page>
);

interface BookingLoaderProps {
  readonly view: BookingView;
  readonly booking: Booking;
}

function BookingLoader({ view, booking }: BookingLoaderProps) {
  const { catalog } = useUsher();
  const { showId } = booking;
  const read = useCallback(() => catalog.show(showId), [catalog, showId]);
  const loaded = useLoad(read);
  usePaymentAnnouncements(booking);
  if (loaded.state !== 'ready') {
    return (
      <Page title="Your booking">
        <LoadView loaded={loaded} what="show">
          {() => null}
        </LoadView>
      </Page>
    );
  }
  return <BookingOfShow view={view} booking={booking} show={loaded.value} />;
}

interface BookingOfShowProps extends BookingLoaderProps {
  readonly show: Show;
}

function BookingOfShow({ view, booking, show }: BookingOfShowProps) {
  const { cinema, movie, hall } = show;
  const body = useRef<HTMLDivElement>(null);
  const keptFocus = useFocusFallback(body);
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
      <div ref={body} tabIndex={-1} className="page-body" {...keptFocus}>
        {view.connection === 'reconnecting' && (
          <p className="notice notice-warn">
            The connection is lost. What is shown may be old; this page goes on by itself when it is back.
          </p>
        )}
        {/* A hold's payment is told of where one can pay. */}
        {!isHeld(booking) && <BookingStatusNotice booking={booking} show={show} />}
        {isPaid && booking.code !== undefined && (
          <p className="secondary-text">
            Booking code <strong>{booking.code}</strong>. The box office finds your booking by it.
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
  refunded: 'Given back',
  expired: 'Time ran out',
  released: 'Given back',
};

/** How the booking stands, in words; for who gave nothing back themselves, also that the show was called off. */
function BookingStatusNotice({ booking, show }: { readonly booking: Booking; readonly show: Show }) {
  const { catalog } = useUsher();
  const { showId } = show;
  const read = useCallback(() => catalog.show(showId), [catalog, showId]);
  const words = describePayment(booking);
  if (words === null) return null;
  return (
    <p className={`notice notice-${words.tone}`}>
      <span>
        {booking.status === 'refunded' && <CallOffText read={read} />}
        <strong>{words.title}.</strong> {words.text}
      </span>
    </p>
  );
}

function CallOffText({ read }: { readonly read: () => Promise<Show> }) {
  const loaded = useLoad(read);
  return loaded.state === 'ready' && loaded.value.calledOff ? <strong>The show was called off. </strong> : null;
}

/** Before it is paid: the seats, the clocks, where to send the tickets, and the ways to pay. */
function Checkout({ hold }: { readonly hold: Hold }) {
  const titleId = `hold-${hold.bookingId}`;
  return (
    <div className="checkout">
      <section className="panel panel-hold" aria-labelledby={titleId}>
        <h2 id={titleId}>Held for you</h2>
        <HoldClocks hold={hold} />
        <SeatPrices booking={hold} />
        <PayPanel hold={hold} />
      </section>
      <section className="panel" aria-label="Before you pay">
        <MailForm booking={hold} />
        <ReleaseActions hold={hold} />
      </section>
    </div>
  );
}

function ReleaseActions({ hold: { bookingId, showId } }: { readonly hold: Hold }) {
  const { bookings } = useUsher();
  const announce = useAnnounce();
  const [busy, setBusy] = useState(false);
  const release = async () => {
    if (busy) return;
    setBusy(true);
    try {
      await bookings.release(bookingId);
      announce('Your seats were given back.');
    } catch (thrown) {
      announce(describeError(thrown).text, 'assertive');
    } finally {
      setBusy(false);
    }
  };
  return (
    <p className="actions actions-filled">
      <Link href={`/shows/${showId}`} className="button">
        Back to the seats
      </Link>
      <button type="button" className="button" aria-disabled={busy} onClick={() => void release()}>
        Release these seats
      </button>
    </p>
  );
}

/** A hold that is over: what becomes of the money, if there was any, and the way to other seats. */
function EndedHold({ booking, show }: { readonly booking: Booking; readonly show: Show }) {
  const { bookingId } = booking;
  return (
    <>
      <RefundResults bookingId={bookingId} state={getRefundsKey(booking)} timeZone={show.cinema.timeZone} />
      <section className="panel" aria-label="Seats">
        <SeatPrices booking={booking} />
        <p className="actions">
          <Link href={`/shows/${show.showId}`} className="button button-main">
            Choose seats again
          </Link>
        </p>
      </section>
    </>
  );
}

/** Says aloud how the booking stands whenever that changes; what went wrong, at once. */
function usePaymentAnnouncements(booking: Booking): void {
  const announce = useAnnounce();
  const said = useRef<string | null>(null);
  const words = describePayment(booking);
  const [title, text, tone] = [words?.title ?? '', words?.text ?? '', words?.tone];

  useEffect(() => {
    const before = said.current;
    said.current = title;
    // What the page began with is read with it.
    if (before === null || before === title || title === '') return;
    announce(`${title}. ${text}`, tone === 'bad' ? 'assertive' : 'polite');
  }, [announce, title, text, tone]);
}
