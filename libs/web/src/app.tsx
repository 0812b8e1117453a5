import { lazy, type ReactNode, Suspense } from 'react';
import { Link, Route, Switch } from 'wouter';
import { MyTicketsLink } from './bookings/my-tickets-link.js';
import { CitiesPage } from './catalog/cities-page.js';
import { MoviesPage } from './catalog/movies-page.js';
import { ShowtimesPage } from './catalog/showtimes-page.js';
import { LineNewsBanner } from './line/line-news-banner.js';
import { ShowPage } from './show-page/show-page.js';
import { Announcer } from './ui/announcer.js';
import { NotFoundPage } from './ui/not-found-page.js';
import './app.css';

// The browser loads the code of these pages only when the user opens them, so the seat map does not wait for it.
const BookingPage = lazy(async () => ({ default: (await import('./booking-page/booking-page.js')).BookingPage }));
const BookingsPage = lazy(async () => ({ default: (await import('./bookings/bookings-page.js')).BookingsPage }));
const GatePage = lazy(async () => ({ default: (await import('./gate/gate-page.js')).GatePage }));
const LayoutPage = lazy(async () => ({ default: (await import('./layout-preview/layout-page.js')).LayoutPage }));
const ProofPage = lazy(async () => ({ default: (await import('./proof/proof-page.js')).ProofPage }));

/** Renders the page for an id from the address. If the text is not an id, renders the page for unknown addresses. */
const withId = (text: string, render: (id: number) => ReactNode): ReactNode =>
  /^[1-9][0-9]{0,14}$/.test(text) ? render(Number(text)) : <NotFoundPage />;

/** Returns the booking id that a part of the address contains, or null if that part is not a booking id. */
const parseBookingId = (text: string): string | null =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? text.toLowerCase() : null;

/** The frame of the app around the current page. */
export function App() {
  return (
    <Announcer>
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      <header className="site-header">
        <Link href="/" className="brand-link">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="8" />
            <path d="M9 7v10a7 7 0 0 0 14 0V7" />
          </svg>
          Usher
        </Link>
        <MyTicketsLink />
      </header>
      <LineNewsBanner />
      <Suspense
        fallback={
          <p className="loading" role="status">
            Loading the page …
          </p>
        }
      >
        <PageRoutes />
      </Suspense>
    </Announcer>
  );
}

/** Chooses the page for the current address. */
const PageRoutes = () => (
  <Switch>
    <Route path="/">
      <CitiesPage />
    </Route>
    <Route path="/cities/:city">
      {({ city }) => withId(city, (cityId) => <MoviesPage key={cityId} cityId={cityId} />)}
    </Route>
    <Route path="/cities/:city/movies/:movie">
      {({ city, movie }) =>
        withId(city, (cityId) =>
          withId(movie, (movieId) => <ShowtimesPage key={`${cityId}/${movieId}`} cityId={cityId} movieId={movieId} />),
        )
      }
    </Route>
    <Route path="/shows/:show">
      {({ show }) => withId(show, (showId) => <ShowPage key={showId} showId={showId} />)}
    </Route>
    <Route path="/shows/:show/proof">
      {({ show }) => withId(show, (showId) => <ProofPage key={showId} showId={showId} />)}
    </Route>
    <Route path="/bookings">
      <BookingsPage />
    </Route>
    <Route path="/bookings/:booking">
      {({ booking }) => {
        const bookingId = parseBookingId(booking);
        return bookingId === null ? <NotFoundPage /> : <BookingPage key={bookingId} bookingId={bookingId} />;
      }}
    </Route>
    <Route path="/gate">
      <GatePage />
    </Route>
    <Route path="/layouts/preview">
      <LayoutPage />
    </Route>
    <Route>
      <NotFoundPage />
    </Route>
  </Switch>
);
