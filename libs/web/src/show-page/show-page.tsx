import type { ShowView } from '@usher/client';
import type { Layout, PriceTier, Show } from '@usher/contract';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { BestSeatsPanel } from '../holds/best-seats-panel.js';
import { ChoicePanel } from '../holds/choice-panel.js';
import { HoldPanel } from './hold-panel.js';
import { HoldsOutsideHall } from './holds-outside-hall.js';
import { HoldNotices } from '../holds/hold-notices.js';
import { describeError } from '../service/refusals.js';
import { type SeatHolds, useSeatHolds } from '../holds/use-seat-holds.js';
import { isHeld } from '../bookings/booking.js';
import type { SaleState } from './sale-state.js';
import { useSaleState } from './use-sale-state.js';
import { TermsNotice } from './terms-notice.js';
import { type OpenShow, useShow } from './use-show.js';
import { LineEndNotice } from '../line/line-end-notice.js';
import { summarizeLine } from '../line/line-text.js';
import { OfferNotice } from '../line/offer-notice.js';
import { OutsidePanel } from '../line/outside-panel.js';
import { SeatLinePanel } from '../line/seat-line-panel.js';
import { type LineActions, useReceiptStorage, useLineAnnouncements, useLineActions } from '../line/use-line-actions.js';
import { SeatLineForm } from '../line/seat-line-form.js';
import { WaitingRoom } from '../line/waiting-room.js';
import { PaidBookings } from '../payments/paid-bookings.js';
import { HoldBar } from '../payments/hold-bar.js';
import { buildHallMap } from '../seat-map/hall-map.js';
import { Legend } from '../seat-map/legend.js';
import { SeatMap } from '../seat-map/seat-map.js';
import { encodeRowLooks } from '../seat-map/seat-text.js';
import type { TierInfo } from '../seat-map/seat-row.js';
import { formatDayAndTime } from '../ui/format.js';
import { useLoad } from '../service/use-load.js';
import { LoadView } from '../service/load-view.js';
import { Page } from '../ui/page.js';
import { useFocusFallback } from '../ui/use-focus-fallback.js';
import { useUsher } from '../service/usher-context.js';
import { isNotFoundError } from '../catalog/read-list.js';
import { NotFoundPage } from '../ui/not-found-page.js';
import './show-page.css';

/** Fourth page: the hall, live. */
export function ShowPage({ showId }: { readonly showId: number }) {
  const { catalog } = useUsher();
  const open = useShow(showId);
  const read = useCallback(async () => {
    const [show, layout] = await Promise.all([catalog.show(showId), catalog.layout(showId)]);
    return { show, layout };
  }, [catalog, showId]);
  const loaded = useLoad(read);

  if (loaded.state === 'ready' && open !== null) return <LoadedShow {...loaded.value} {...open} />;
  if (loaded.state === 'failed' && isNotFoundError(loaded.error)) return <NotFoundPage />;
  return (
    <Page title="Seats" crumbs={[{ href: '/', text: 'Cities' }]}>
      <LoadView loaded={loaded.state === 'ready' ? { state: 'loading' } : loaded} what="show">
        {() => null}
      </LoadView>
    </Page>
  );
}

interface LoadedShowProps extends OpenShow {
  readonly show: Show;
  readonly layout: Layout;
}

function LoadedShow({ show: read, layout, store, view }: LoadedShowProps) {
  // What was read once is kept right from here on.
  useEffect(() => store.follow(read), [store, read]);
  const show = view.show ?? read;
  const sale = useSaleState(show);
  const { cinema, movie, hall } = show;
  const body = useRef<HTMLDivElement>(null);
  const keptFocus = useFocusFallback(body);
  const lining = useLineActions({ store, timeZone: cinema.timeZone });
  useLineAnnouncements(view);
  useReceiptStorage(view.queue);
  const moviesHref = `/cities/${cinema.cityId}`;
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
          {sale === 'calledOff' ? <CalledOffStatus /> : <ConnectionStatus view={view} />}
        </>
      }
    >
      <div ref={body} tabIndex={-1} className="page-body" {...keptFocus}>
        <ConnectionError view={view} />
        <PaidBookings view={view} />
        <TermsNotice view={view} />
        {(view.access === 'open' || sale === 'calledOff') && <SaleNotice show={show} sale={sale} />}
        {view.access !== 'open' && (
          <div className="show-outside">
            <HoldsOutsideHall store={store} view={view} />
            {view.access === 'waiting' && <WaitingRoom show={show} view={view} lining={lining} />}
            {view.access === 'out' && <OutsidePanel show={show} store={store} view={view} />}
          </div>
        )}
        {view.access === 'open' && view.seatCount > 0 && (
          <HallSection show={show} sale={sale} layout={layout} store={store} view={view} lining={lining} />
        )}
        {view.access === 'open' &&
          view.bookings.filter(isHeld).map((hold) => <HoldBar key={hold.bookingId} hold={hold} />)}
      </div>
    </Page>
  );
}

/** Why there is no map. */
function ConnectionError({ view: { connection, error } }: { readonly view: ShowView }) {
  if (connection !== 'closed' || error === null) return null;
  return (
    <p className="notice notice-bad" role="alert">
      {describeError(error).text}
    </p>
  );
}

/** Whether what is shown is what is: said in words, not by a dot's colour alone. */
function ConnectionStatus({ view: { connection } }: { readonly view: ShowView }) {
  const text = {
    connecting: 'Connecting …',
    live: 'Live',
    reconnecting: 'Reconnecting … the map may be old',
    closed: 'Closed',
  }[connection];
  return (
    <span className={`connection connection-${connection}`} role="status">
      {text}
    </span>
  );
}

/** In the place of the connection's state: the map may be live, but there is nothing to buy. */
function CalledOffStatus() {
  return (
    <span className="connection connection-closed" role="status">
      Called off
    </span>
  );
}

function SaleNotice({ show, sale }: { readonly show: Show; readonly sale: SaleState }) {
  const text = describeSale(show, sale);
  return text === null ? null : <p className="notice notice-warn">{text}</p>;
}

function describeSale({ calledOffReason, saleOpensAt, cinema }: Show, sale: SaleState): string | null {
  if (sale === 'calledOff') {
    return `This show was called off.${calledOffReason ? ` Reason: ${calledOffReason}` : ''}`;
  }
  if (sale === 'over') return 'The sale of this show is over.';
  if (sale === 'open') return null;
  return saleOpensAt === null
    ? 'The sale of this show is not open yet.'
    : `The sale of this show opens on ${formatDayAndTime(saleOpensAt, cinema.timeZone)}.`;
}

interface HallSectionProps extends LoadedShowProps {
  readonly sale: SaleState;
  readonly lining: LineActions;
}

function HallSection({ show, sale, layout, store, view, lining }: HallSectionProps) {
  const map = useMemo(() => buildHallMap(layout), [layout]);
  const byPrice = useMemo(() => show.tiers.toSorted((a, b) => a.price.amount - b.price.amount), [show]);
  const tiers = useMemo(() => indexTiers(byPrice), [byPrice]);
  const isOnSale = sale === 'open';
  const buying = useSeatHolds({ store, view, map, show, isOnSale });
  const looks = useMemo(() => encodeRowLooks(map, buying.looks), [map, buying.looks]);
  const isFull = view.counts.free === 0;
  const side = useRef<HTMLElement>(null);
  const keptFocus = useFocusFallback(side);
  return (
    <div className="show-columns">
      <OfferNotice map={map} offer={view.offer} />
      <section aria-label="Seats" className="show-map">
        <SeatMap map={map} looks={looks} tiers={tiers} onPress={buying.press} />
        <Legend map={map} tiers={byPrice} statuses={view.seats} />
      </section>
      <section ref={side} tabIndex={-1} aria-label="Your seats" className="show-side" {...keptFocus}>
        <HoldNotices map={map} buying={buying} />
        <LineEndNotice lineEnd={view.lineEnd} />
        {buying.holds.map((hold) => (
          <HoldPanel
            key={hold.bookingId}
            hold={hold}
            isOffer={hold.bookingId === view.offer?.bookingId}
            isFresh={hold.bookingId === buying.freshId}
            releasing={buying}
          />
        ))}
        {view.queue !== null && <SeatLinePanel queue={view.queue} lining={lining} />}
        {isOnSale && canJoinSeatLine(view, buying) && (
          // Another wish is another form.
          <SeatLineForm
            key={JSON.stringify(buying.waitFor)}
            map={map}
            tiers={byPrice}
            limit={buying.limit}
            wish={buying.waitFor}
            lining={lining}
          />
        )}
        <ChoicePanel map={map} tiers={tiers} buying={buying} isFull={isFull} />
        {!isFull && isOnSale && <BestSeatsPanel map={map} tiers={tiers} buying={buying} />}
      </section>
    </div>
  );
}

/** Whether standing in line is what helps: nothing is free, or not what was asked for. */
const canJoinSeatLine = ({ queue, offer, counts }: ShowView, { waitFor }: SeatHolds): boolean =>
  queue === null && offer === null && (waitFor !== null || counts.free === 0);

const indexTiers = (byPrice: readonly PriceTier[]): ReadonlyMap<string, TierInfo> =>
  new Map(byPrice.map(({ tier, price }, index) => [tier, { index, price }]));
