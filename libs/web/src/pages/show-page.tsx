import type { ShowView } from '@usher/client';
import type { Layout, PriceTier, Show } from '@usher/contract';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { BestPanel } from '../booking/best-panel.js';
import { ChoicePanel } from '../booking/choice-panel.js';
import { HoldPanel } from '../booking/hold-panel.js';
import { HoldsOutside } from '../booking/holds-outside.js';
import { Notices } from '../booking/notices.js';
import { explain } from '../booking/refusals.js';
import { type Buying, isHeld, useBuying } from '../booking/use-buying.js';
import type { SaleState } from '../booking/sale-state.js';
import { useSaleState } from '../booking/use-sale-state.js';
import { TermsNotice } from '../booking/terms-notice.js';
import { type OpenShow, useShow } from '../booking/use-show.js';
import { LineEndNotice } from '../line/line-end-notice.js';
import { lineInShort } from '../line/line-words.js';
import { OfferNotice } from '../line/offer-notice.js';
import { Outside } from '../line/outside.js';
import { SeatLinePanel } from '../line/seat-line-panel.js';
import { type Lining, useKeptReceipt, useLineSpoken, useLining } from '../line/use-line.js';
import { WaitForSeats } from '../line/wait-for-seats.js';
import { WaitingRoom } from '../line/waiting-room.js';
import { BookedHere } from '../paying/booked-here.js';
import { HoldBar } from '../paying/hold-bar.js';
import { hallMap } from '../seat-map/hall-map.js';
import { Legend } from '../seat-map/legend.js';
import { SeatMap } from '../seat-map/seat-map.js';
import { rowLooks } from '../seat-map/seat-names.js';
import type { TierLook } from '../seat-map/seat-row.js';
import { formatDayAndTime } from '../ui/format.js';
import { useLoad } from '../ui/load.js';
import { Loading } from '../ui/loading.js';
import { Page } from '../ui/page.js';
import { useKeptFocus } from '../ui/use-kept-focus.js';
import { useUsher } from '../usher.js';
import { isNotFound } from './catalog-reads.js';
import { NotFoundPage } from './not-found-page.js';

/** Fourth page: the hall, live. */
export function ShowPage({ showId }: { readonly showId: number }) {
  const { catalog } = useUsher();
  const open = useShow(showId);
  const read = useCallback(async () => {
    const [show, layout] = await Promise.all([catalog.show(showId), catalog.layout(showId)]);
    return { show, layout };
  }, [catalog, showId]);
  const loaded = useLoad(read);

  if (loaded.state === 'ready' && open !== null) return <ShowRoom {...loaded.value} {...open} />;
  if (loaded.state === 'failed' && isNotFound(loaded.error)) return <NotFoundPage />;
  return (
    <Page title="Seats" crumbs={[{ href: '/', text: 'Cities' }]}>
      <Loading loaded={loaded.state === 'ready' ? { state: 'loading' } : loaded} what="show">
        {() => null}
      </Loading>
    </Page>
  );
}

interface ShowRoomProps extends OpenShow {
  readonly show: Show;
  readonly layout: Layout;
}

function ShowRoom({ show: read, layout, store, view }: ShowRoomProps) {
  // What was read once is kept right from here on.
  useEffect(() => store.follow(read), [store, read]);
  const show = view.show ?? read;
  const sale = useSaleState(show);
  const { cinema, movie, hall } = show;
  const body = useRef<HTMLDivElement>(null);
  const keptFocus = useKeptFocus(body);
  const lining = useLining({ store, timeZone: cinema.timeZone });
  useLineSpoken(view);
  useKeptReceipt(view.queue);
  const moviesHref = `/cities/${cinema.cityId}`;
  return (
    <Page
      className="wide"
      title={movie.title}
      status={lineInShort(view)}
      crumbs={[
        { href: '/', text: 'Cities' },
        { href: moviesHref, text: 'Movies' },
        { href: `${moviesHref}/movies/${movie.movieId}`, text: 'Showtimes' },
      ]}
      lead={
        <>
          {formatDayAndTime(show.startsAt, cinema.timeZone)} · {cinema.name}, {hall.name}{' '}
          {sale === 'calledOff' ? <CalledOff /> : <Connection view={view} />}
        </>
      }
    >
      <div ref={body} tabIndex={-1} className="show-body" {...keptFocus}>
        <Failure view={view} />
        <BookedHere view={view} />
        <TermsNotice view={view} />
        {(view.access === 'open' || sale === 'calledOff') && <SaleNotice show={show} sale={sale} />}
        {view.access !== 'open' && (
          <div className="show-outside">
            <HoldsOutside store={store} view={view} />
            {view.access === 'waiting' && <WaitingRoom show={show} view={view} lining={lining} />}
            {view.access === 'out' && <Outside show={show} store={store} view={view} />}
          </div>
        )}
        {view.access === 'open' && view.seatCount > 0 && (
          <Hall show={show} sale={sale} layout={layout} store={store} view={view} lining={lining} />
        )}
        {view.access === 'open' &&
          view.bookings.filter(isHeld).map((hold) => <HoldBar key={hold.bookingId} hold={hold} />)}
      </div>
    </Page>
  );
}

/** Why there is no map. */
function Failure({ view: { connection, error } }: { readonly view: ShowView }) {
  if (connection !== 'closed' || error === null) return null;
  return (
    <p className="notice notice-bad" role="alert">
      {explain(error).text}
    </p>
  );
}

/** Whether what is shown is what is: said in words, not by a dot's colour alone. */
function Connection({ view: { connection } }: { readonly view: ShowView }) {
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
function CalledOff() {
  return (
    <span className="connection connection-closed" role="status">
      Called off
    </span>
  );
}

function SaleNotice({ show, sale }: { readonly show: Show; readonly sale: SaleState }) {
  const text = saleNotice(show, sale);
  return text === null ? null : <p className="notice notice-warn">{text}</p>;
}

function saleNotice({ calledOffReason, saleOpensAt, cinema }: Show, sale: SaleState): string | null {
  if (sale === 'calledOff') {
    return `This show was called off.${calledOffReason ? ` Reason: ${calledOffReason}` : ''}`;
  }
  if (sale === 'over') return 'The sale of this show is over.';
  if (sale === 'open') return null;
  return saleOpensAt === null
    ? 'The sale of this show is not open yet.'
    : `The sale of this show opens on ${formatDayAndTime(saleOpensAt, cinema.timeZone)}.`;
}

interface HallProps extends ShowRoomProps {
  readonly sale: SaleState;
  readonly lining: Lining;
}

function Hall({ show, sale, layout, store, view, lining }: HallProps) {
  const map = useMemo(() => hallMap(layout), [layout]);
  const byPrice = useMemo(() => show.tiers.toSorted((a, b) => a.price.amount - b.price.amount), [show]);
  const tiers = useMemo(() => tierLooks(byPrice), [byPrice]);
  const isOnSale = sale === 'open';
  const buying = useBuying({ store, view, map, show, isOnSale });
  const looks = useMemo(() => rowLooks(map, buying.looks), [map, buying.looks]);
  const isFull = view.counts.free === 0;
  const side = useRef<HTMLElement>(null);
  const keptFocus = useKeptFocus(side);
  return (
    <div className="show-room">
      <OfferNotice map={map} offer={view.offer} />
      <section aria-label="Seats" className="show-map">
        <SeatMap map={map} looks={looks} tiers={tiers} onPress={buying.press} />
        <Legend map={map} tiers={byPrice} statuses={view.seats} />
      </section>
      <section ref={side} tabIndex={-1} aria-label="Your seats" className="show-side" {...keptFocus}>
        <Notices map={map} buying={buying} />
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
        {isOnSale && mayWait(view, buying) && (
          // Another wish is another form.
          <WaitForSeats
            key={JSON.stringify(buying.waitFor)}
            map={map}
            tiers={byPrice}
            limit={buying.limit}
            wish={buying.waitFor}
            lining={lining}
          />
        )}
        <ChoicePanel map={map} tiers={tiers} buying={buying} isFull={isFull} />
        {!isFull && isOnSale && <BestPanel map={map} tiers={tiers} buying={buying} />}
      </section>
    </div>
  );
}

/** Whether standing in line is what helps: nothing is free, or not what was asked for. */
const mayWait = ({ queue, offer, counts }: ShowView, { waitFor }: Buying): boolean =>
  queue === null && offer === null && (waitFor !== null || counts.free === 0);

const tierLooks = (byPrice: readonly PriceTier[]): ReadonlyMap<string, TierLook> =>
  new Map(byPrice.map(({ tier, price }, index) => [tier, { index, price }]));
