import type { ShowView } from '@usher/client';
import type { Layout, PriceTier, Show } from '@usher/contract';
import { useCallback, useMemo, useRef } from 'react';
import { BestPanel } from '../booking/best-panel.js';
import { ChoicePanel } from '../booking/choice-panel.js';
import { HoldPanel } from '../booking/hold-panel.js';
import { Notices } from '../booking/notices.js';
import { explain } from '../booking/refusals.js';
import { useBuying } from '../booking/use-buying.js';
import { type OpenShow, useShow } from '../booking/use-show.js';
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

function ShowRoom({ show, layout, store, view }: ShowRoomProps) {
  const { cinema, movie, hall } = show;
  const moviesHref = `/cities/${cinema.cityId}`;
  return (
    <Page
      className="wide"
      title={movie.title}
      crumbs={[
        { href: '/', text: 'Cities' },
        { href: moviesHref, text: 'Movies' },
        { href: `${moviesHref}/movies/${movie.movieId}`, text: 'Showtimes' },
      ]}
      lead={
        <>
          {formatDayAndTime(show.startsAt, cinema.timeZone)} · {cinema.name}, {hall.name} <Connection view={view} />
        </>
      }
    >
      <Failure view={view} />
      <SaleNotice show={show} />
      {view.access === 'waiting' && (
        <p className="notice notice-warn">Many people want this show. You are let in when it is your turn.</p>
      )}
      {view.access === 'open' && view.seatCount > 0 && <Hall show={show} layout={layout} store={store} view={view} />}
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

function SaleNotice({ show }: { readonly show: Show }) {
  const text = saleNotice(show);
  return text === null ? null : <p className="notice notice-warn">{text}</p>;
}

function saleNotice({ calledOff, saleStatus, saleOpensAt, cinema }: Show): string | null {
  if (calledOff) return 'This show was called off.';
  if (saleStatus === 'closed') return 'The sale of this show is over.';
  if (saleStatus !== 'upcoming') return null;
  return saleOpensAt === null
    ? 'The sale of this show is not open yet.'
    : `The sale of this show opens on ${formatDayAndTime(saleOpensAt, cinema.timeZone)}.`;
}

function Hall({ show, layout, store, view }: ShowRoomProps) {
  const map = useMemo(() => hallMap(layout), [layout]);
  const byPrice = useMemo(() => show.tiers.toSorted((a, b) => a.price.amount - b.price.amount), [show]);
  const tiers = useMemo(() => tierLooks(byPrice), [byPrice]);
  const buying = useBuying({ store, view, map, show });
  const looks = useMemo(() => rowLooks(map, buying.looks), [map, buying.looks]);
  const side = useRef<HTMLElement>(null);
  const keptFocus = useKeptFocus(side);
  return (
    <div className="show-room">
      <section aria-label="Seats" className="show-map">
        <SeatMap map={map} looks={looks} tiers={tiers} onPress={buying.press} />
        <Legend map={map} tiers={byPrice} statuses={view.seats} />
      </section>
      <section ref={side} tabIndex={-1} aria-label="Your seats" className="show-side" {...keptFocus}>
        <Notices map={map} buying={buying} />
        {buying.holds.map((hold) => (
          <HoldPanel key={hold.bookingId} hold={hold} buying={buying} />
        ))}
        <ChoicePanel map={map} tiers={tiers} buying={buying} />
        <BestPanel map={map} tiers={tiers} buying={buying} />
      </section>
    </div>
  );
}

const tierLooks = (byPrice: readonly PriceTier[]): ReadonlyMap<string, TierLook> =>
  new Map(byPrice.map(({ tier, price }, index) => [tier, { index, price }]));
