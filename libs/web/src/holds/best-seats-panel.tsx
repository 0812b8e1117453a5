import { SeatKind } from '@usher/contract';
import { useId, useState } from 'react';
import type { HallMap } from '../seat-map/hall-map.js';
import type { TierInfo } from '../seat-map/seat-row.js';
import { formatMoney } from '../ui/format.js';
import type { SeatHolds } from './use-seat-holds.js';

interface BestSeatsPanelProps {
  readonly map: HallMap;
  readonly tiers: ReadonlyMap<string, TierInfo>;
  readonly seatHolds: SeatHolds;
}

/** Lets the buyer ask the service to find and hold the best seats side by side. */
export function BestSeatsPanel({ map, tiers, seatHolds }: BestSeatsPanelProps) {
  const { choiceMax, isBusy, holdBest } = seatHolds;
  const [wantedCount, setWantedCount] = useState(2);
  const [tier, setTier] = useState('');
  const [isWheelchair, setIsWheelchair] = useState(false);
  const ids = { title: useId(), count: useId(), tier: useId() };
  if (choiceMax === 0) return null;

  const count = Math.min(wantedCount, choiceMax);
  const hasWheelchairPlaces = map.seats.some(({ kind }) => kind === 'wheelchair');
  return (
    <section className="panel" aria-labelledby={ids.title}>
      <h2 id={ids.title}>Best seats</h2>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (isBusy) return;
          holdBest({
            count,
            ...(tier === '' ? {} : { tier }),
            ...(isWheelchair ? { kind: SeatKind.enum.wheelchair } : {}),
          });
        }}
      >
        <div className="fields">
          <label htmlFor={ids.count}>Seats</label>
          <select id={ids.count} value={count} onChange={(event) => setWantedCount(Number(event.target.value))}>
            {Array.from({ length: choiceMax }, (_, index) => (
              <option key={index + 1}>{index + 1}</option>
            ))}
          </select>
          <label htmlFor={ids.tier}>Price</label>
          <select id={ids.tier} value={tier} onChange={(event) => setTier(event.target.value)}>
            <option value="">any</option>
            {[...tiers].map(([name, { price }]) => (
              <option key={name} value={name}>
                {name}, {formatMoney(price)}
              </option>
            ))}
          </select>
        </div>
        {hasWheelchairPlaces && (
          <label className="checkbox-row">
            <input type="checkbox" checked={isWheelchair} onChange={(event) => setIsWheelchair(event.target.checked)} />
            Wheelchair places
          </label>
        )}
        <button type="submit" className="button" aria-disabled={isBusy}>
          {count === 1 ? 'Hold the best seat' : `Hold the best ${count} seats together`}
        </button>
      </form>
    </section>
  );
}
