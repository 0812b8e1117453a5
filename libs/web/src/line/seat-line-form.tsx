import { type PriceTier, type QueueBody, SeatKind } from '@usher/contract';
import { useId, useState } from 'react';
import type { HallMap } from '../seat-map/hall-map.js';
import { formatMoney, formatCount } from '../ui/format.js';
import { LineRefusalNotice } from './line-controls.js';
import type { LineActions } from './use-line-actions.js';
import './line.css';

interface SeatLineFormProps {
  readonly map: HallMap;
  /** Cheapest first. */
  readonly tiers: readonly PriceTier[];
  /** The most seats that may be waited for. */
  readonly limit: number;
  /** What was wished for and could not be had; the form begins with it. */
  readonly wish: QueueBody | null;
  readonly lining: LineActions;
}

/** Where seats are short: stands in line for those that come back. */
export function SeatLineForm({ map, tiers, limit, wish, lining }: SeatLineFormProps) {
  const [size, setSize] = useState(wish?.partySize ?? 2);
  const [chosen, setChosen] = useState<readonly string[]>(wish?.tiers ?? []);
  const [wheelchair, setWheelchair] = useState(wish?.kind === 'wheelchair');
  const ids = { title: useId(), size: useId() };
  if (limit === 0) return null;

  const partySize = Math.min(size, limit);
  const hasWheelchairPlaces = map.seats.some(({ kind }) => kind === 'wheelchair');
  const toggle = (tier: string) =>
    setChosen((before) => (before.includes(tier) ? before.filter((one) => one !== tier) : [...before, tier]));
  return (
    <section className="panel" aria-labelledby={ids.title}>
      <h2 id={ids.title}>Wait for seats</h2>
      <p>
        Seats come back when others let them go. They are offered to those in line, one after the other, and held for
        you alone while you decide.
      </p>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          lining.join({
            partySize,
            ...(chosen.length === 0 ? {} : { tiers: [...chosen] }),
            ...(wheelchair ? { kind: SeatKind.enum.wheelchair } : {}),
          });
        }}
      >
        <div className="fields">
          <label htmlFor={ids.size}>Seats</label>
          <select id={ids.size} value={partySize} onChange={(event) => setSize(Number(event.target.value))}>
            {Array.from({ length: limit }, (_, index) => (
              <option key={index + 1}>{index + 1}</option>
            ))}
          </select>
        </div>
        {tiers.length > 1 && (
          <fieldset className="checkbox-group">
            <legend>Only at these prices (none chosen: at any)</legend>
            {tiers.map(({ tier, price }) => (
              <label key={tier} className="checkbox-row">
                <input type="checkbox" checked={chosen.includes(tier)} onChange={() => toggle(tier)} />
                {tier}, {formatMoney(price)}
              </label>
            ))}
          </fieldset>
        )}
        {hasWheelchairPlaces && (
          <label className="checkbox-row">
            <input type="checkbox" checked={wheelchair} onChange={(event) => setWheelchair(event.target.checked)} />
            Wheelchair places
          </label>
        )}
        <LineRefusalNotice lining={lining} />
        <button type="submit" className="button button-main" aria-disabled={lining.busy}>
          {lining.busy ? 'One moment …' : `Stand in line for ${formatCount(partySize, 'seat')}`}
        </button>
      </form>
    </section>
  );
}
