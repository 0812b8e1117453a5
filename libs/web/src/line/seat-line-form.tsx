import { type PriceTier, type QueueBody, SeatKind } from '@usher/contract';
import { useId, useState } from 'react';
import type { HallMap } from '../seat-map/hall-map.js';
import { formatCount, formatMoney } from '../ui/format.js';
import { LineRefusalNotice } from './line-controls.js';
import type { LineActions } from './use-line-actions.js';
import './line.css';

interface SeatLineFormProps {
  readonly map: HallMap;
  /** The show's price tiers, cheapest first. */
  readonly tiers: readonly PriceTier[];
  /** Maximum number of seats for which the buyer can wait. */
  readonly seatsMax: number;
  /** The refused request whose values the form shows at first, or null. */
  readonly initialRequest: QueueBody | null;
  readonly lineActions: LineActions;
}

/** Lets the buyer join the line for seats that become free. */
export function SeatLineForm({ map, tiers, seatsMax, initialRequest, lineActions }: SeatLineFormProps) {
  const [size, setSize] = useState(initialRequest?.partySize ?? 2);
  const [checkedTiers, setCheckedTiers] = useState<readonly string[]>(initialRequest?.tiers ?? []);
  const [isWheelchair, setIsWheelchair] = useState(initialRequest?.kind === 'wheelchair');
  const ids = { title: useId(), size: useId() };
  if (seatsMax === 0) return null;

  const partySize = Math.min(size, seatsMax);
  const hasWheelchairPlaces = map.seats.some(({ kind }) => kind === 'wheelchair');
  const { isBusy } = lineActions;
  return (
    <section className="panel" aria-labelledby={ids.title}>
      <h2 id={ids.title}>Wait for seats</h2>
      <p>
        Seats become free when others release them. We offer them to the people in line, one after another. While you
        decide, we hold them for you.
      </p>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          lineActions.join({
            partySize,
            ...(checkedTiers.length === 0 ? {} : { tiers: [...checkedTiers] }),
            ...(isWheelchair ? { kind: SeatKind.enum.wheelchair } : {}),
          });
        }}
      >
        <div className="fields">
          <label htmlFor={ids.size}>Seats</label>
          <select id={ids.size} value={partySize} onChange={(event) => setSize(Number(event.target.value))}>
            {Array.from({ length: seatsMax }, (_, index) => (
              <option key={index + 1}>{index + 1}</option>
            ))}
          </select>
        </div>
        {tiers.length > 1 && <TierCheckboxes tiers={tiers} checkedTiers={checkedTiers} onChange={setCheckedTiers} />}
        {hasWheelchairPlaces && (
          <label className="checkbox-row">
            <input type="checkbox" checked={isWheelchair} onChange={(event) => setIsWheelchair(event.target.checked)} />
            Wheelchair places
          </label>
        )}
        <LineRefusalNotice lineActions={lineActions} />
        <button type="submit" className="button button-main" aria-disabled={isBusy}>
          {isBusy ? 'Please wait …' : `Join the line for ${formatCount(partySize, 'seat')}`}
        </button>
      </form>
    </section>
  );
}

interface TierCheckboxesProps {
  readonly tiers: readonly PriceTier[];
  readonly checkedTiers: readonly string[];
  readonly onChange: (checkedTiers: readonly string[]) => void;
}

function TierCheckboxes({ tiers, checkedTiers, onChange }: TierCheckboxesProps) {
  const toggle = (tier: string) =>
    onChange(checkedTiers.includes(tier) ? checkedTiers.filter((other) => other !== tier) : [...checkedTiers, tier]);
  return (
    <fieldset className="checkbox-group">
      <legend>Only at these prices (choose none for any price)</legend>
      {tiers.map(({ tier, price }) => (
        <label key={tier} className="checkbox-row">
          <input type="checkbox" checked={checkedTiers.includes(tier)} onChange={() => toggle(tier)} />
          {tier}, {formatMoney(price)}
        </label>
      ))}
    </fieldset>
  );
}
