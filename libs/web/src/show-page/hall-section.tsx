import type { ShowStore, ShowView } from '@usher/client';
import type { Layout, PriceTier, Show } from '@usher/contract';
import { useMemo, useRef } from 'react';
import { BestSeatsPanel } from '../holds/best-seats-panel.js';
import { ChoicePanel } from '../holds/choice-panel.js';
import { HoldNotices } from '../holds/hold-notices.js';
import { type SeatHolds, useSeatHolds } from '../holds/use-seat-holds.js';
import { LineEndNotice } from '../line/line-end-notice.js';
import { OfferNotice } from '../line/offer-notice.js';
import { SeatLineForm } from '../line/seat-line-form.js';
import { SeatLinePanel } from '../line/seat-line-panel.js';
import type { LineActions } from '../line/use-line-actions.js';
import { buildHallMap } from '../seat-map/hall-map.js';
import { Legend } from '../seat-map/legend.js';
import { SeatMap } from '../seat-map/seat-map.js';
import type { TierInfo } from '../seat-map/seat-row.js';
import { encodeRowLooks } from '../seat-map/seat-text.js';
import { useFocusFallback } from '../ui/use-focus-fallback.js';
import { HoldPanel } from './hold-panel.js';
import type { SaleState } from './sale-state.js';

interface HallSectionProps {
  readonly show: Show;
  readonly saleState: SaleState;
  readonly layout: Layout;
  readonly store: ShowStore;
  readonly view: ShowView;
  readonly lineActions: LineActions;
}

/** The seat map, and beside it the buyer's holds, place in line and choice. */
export function HallSection({ show, saleState, layout, store, view, lineActions }: HallSectionProps) {
  const map = useMemo(() => buildHallMap(layout), [layout]);
  const byPrice = useMemo(() => show.tiers.toSorted((a, b) => a.price.amount - b.price.amount), [show]);
  const tiers = useMemo(() => indexTiers(byPrice), [byPrice]);
  const isOnSale = saleState === 'open';
  const seatHolds = useSeatHolds({ store, view, map, show, isOnSale });
  const looks = useMemo(() => encodeRowLooks(map, seatHolds.lookInput), [map, seatHolds.lookInput]);
  const isFull = view.counts.free === 0;
  const side = useRef<HTMLElement>(null);
  const focusHandlers = useFocusFallback(side);
  return (
    <div className="show-columns">
      <OfferNotice map={map} offer={view.offer} />
      <section aria-label="Seats" className="show-map">
        <SeatMap map={map} looks={looks} tiers={tiers} onPress={seatHolds.toggleSeat} />
        <Legend map={map} tiers={byPrice} statuses={view.seats} />
      </section>
      <section ref={side} tabIndex={-1} aria-label="Your seats" className="show-side" {...focusHandlers}>
        <HoldNotices map={map} seatHolds={seatHolds} />
        <LineEndNotice lineEnd={view.lineEnd} />
        {seatHolds.holds.map((hold) => (
          <HoldPanel
            key={hold.bookingId}
            hold={hold}
            isOffer={hold.bookingId === view.offer?.bookingId}
            isNewest={hold.bookingId === seatHolds.newestHoldId}
            releaseAction={seatHolds}
          />
        ))}
        {view.queue !== null && <SeatLinePanel queue={view.queue} lineActions={lineActions} />}
        {isOnSale && canJoinSeatLine(view, seatHolds) && (
          <SeatLineForm
            // If the refused request changes, a new form starts.
            key={JSON.stringify(seatHolds.lineRequest)}
            map={map}
            tiers={byPrice}
            seatsMax={seatHolds.choiceMax}
            initialRequest={seatHolds.lineRequest}
            lineActions={lineActions}
          />
        )}
        <ChoicePanel map={map} tiers={tiers} seatHolds={seatHolds} isFull={isFull} />
        {!isFull && isOnSale && <BestSeatsPanel map={map} tiers={tiers} seatHolds={seatHolds} />}
      </section>
    </div>
  );
}

/** Returns true if joining the line can help, because no seat is free or the requested seats are not free. */
const canJoinSeatLine = ({ queue, offer, counts }: ShowView, { lineRequest }: SeatHolds): boolean =>
  queue === null && offer === null && (lineRequest !== null || counts.free === 0);

const indexTiers = (byPrice: readonly PriceTier[]): ReadonlyMap<string, TierInfo> =>
  new Map(byPrice.map(({ tier, price }, index) => [tier, { index, price }]));
