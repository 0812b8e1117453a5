import type { Layout, Show } from '@usher/contract';
import { useEffect, useRef } from 'react';
import { AccessCodePanel } from '../access-codes/access-code-panel.js';
import { useAccessCode } from '../access-codes/use-access-code.js';
import { isHeld } from '../bookings/booking.js';
import { summarizeLine } from '../line/line-text.js';
import { OutsidePanel } from '../line/outside-panel.js';
import { useLineActions } from '../line/use-line-actions.js';
import { useLineAnnouncements } from '../line/use-line-announcements.js';
import { useReceiptStorage } from '../line/use-receipt-storage.js';
import { WaitingRoom } from '../line/waiting-room.js';
import { HoldBar } from '../payments/hold-bar.js';
import { PaidBookings } from '../payments/paid-bookings.js';
import { formatDayAndTime } from '../ui/format.js';
import { Page } from '../ui/page.js';
import { useFocusFallback } from '../ui/use-focus-fallback.js';
import { HallSection } from './hall-section.js';
import { HoldsOutsideHall } from './holds-outside-hall.js';
import { CalledOffStatus, ChallengeFailure, ConnectionError, ConnectionStatus, SaleNotice } from './show-status.js';
import { TermsNotice } from './terms-notice.js';
import { useSaleState } from './use-sale-state.js';
import type { OpenShow } from './use-show.js';
import './show-page.css';

interface LoadedShowProps extends OpenShow {
  readonly show: Show;
  readonly layout: Layout;
}

/** The content of the show page. It is the hall, or the waiting room as long as the buyer may not enter the hall. */
export function LoadedShow({ show: loadedShow, layout, store, view }: LoadedShowProps) {
  // From now on, the store keeps the show up to date.
  useEffect(() => store.follow(loadedShow), [store, loadedShow]);
  const show = view.show ?? loadedShow;
  const saleState = useSaleState(show);
  const { cinema, movie, hall } = show;
  const body = useRef<HTMLDivElement>(null);
  const focusHandlers = useFocusFallback(body);
  const lineActions = useLineActions({ store, timeZone: cinema.timeZone });
  const accessCode = useAccessCode({ show, store, view });
  useLineAnnouncements(view);
  useReceiptStorage(view.queue);
  const moviesHref = `/cities/${cinema.cityId}`;
  const isInside = view.access === 'open';
  return (
    <Page
      className="page-wide"
      title={movie.title}
      status={summarizeLine(view)}
      crumbs={[
        { href: '/', text: 'Cities' },
        { href: moviesHref, text: 'Movies' },
        { href: `${moviesHref}/movies/${movie.movieId}`, text: 'Showtimes' },
      ]}
      lead={
        <>
          {formatDayAndTime(show.startsAt, cinema.timeZone)} · {cinema.name}, {hall.name}{' '}
          {saleState === 'calledOff' ? <CalledOffStatus /> : <ConnectionStatus view={view} />}
        </>
      }
    >
      <div ref={body} tabIndex={-1} className="page-body" {...focusHandlers}>
        <ConnectionError view={view} />
        <ChallengeFailure store={store} view={view} />
        <PaidBookings view={view} />
        <TermsNotice view={view} />
        {(isInside || saleState === 'calledOff') && <SaleNotice show={show} saleState={saleState} />}
        {(saleState === 'open' || saleState === 'upcoming') && <AccessCodePanel show={show} accessCode={accessCode} />}
        {!isInside && (
          <div className="show-outside">
            <HoldsOutsideHall store={store} view={view} />
            {view.access === 'waiting' && <WaitingRoom show={show} view={view} lineActions={lineActions} />}
            {view.access === 'out' && !accessCode.isMissing && <OutsidePanel show={show} store={store} view={view} />}
          </div>
        )}
        {isInside && view.seatCount > 0 && (
          <HallSection
            show={show}
            saleState={saleState}
            layout={layout}
            store={store}
            view={view}
            lineActions={lineActions}
          />
        )}
        {isInside && view.bookings.filter(isHeld).map((hold) => <HoldBar key={hold.bookingId} hold={hold} />)}
      </div>
    </Page>
  );
}
