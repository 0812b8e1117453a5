import { type PriceTier, type SeatKind, SeatStatus } from '@usher/contract';
import { useMemo } from 'react';
import { formatMoney } from '../ui/format.js';
import type { HallMap } from './hall-map.js';
import { SeatShape } from './seat-shape.js';
import type { SeatLook } from './seat-text.js';
import './seat.css';

interface LegendProps {
  readonly map: HallMap;
  /** The show's price tiers, cheapest first. */
  readonly tiers: readonly PriceTier[];
  /** One {@link SeatStatus} per seat. */
  readonly statuses: Uint8Array;
}

const lookEntries: readonly (readonly [SeatLook, string])[] = [
  ['chosen', 'your choice'],
  ['mine', 'yours'],
  ['held', 'held by someone'],
  ['sold', 'sold'],
  ['blocked', 'not for sale'],
];

const kindEntries: readonly (readonly [SeatKind, string])[] = [
  ['wheelchair', 'wheelchair place'],
  ['companion', 'companion seat'],
  ['restrictedView', 'restricted view'],
];

/** Explains the shapes of the map, and shows how many seats of each price are free. */
export function Legend({ map, tiers, statuses }: LegendProps) {
  const freeByTier = useMemo(() => countFreeByTier(map, statuses), [map, statuses]);
  const presentKinds = useMemo(() => new Set(map.seats.map(({ kind }) => kind)), [map]);
  return (
    <section className="legend" aria-label="Legend">
      <ul>
        {tiers.map(({ tier, price }, index) => (
          <li key={tier}>
            <Swatch look="free" kind="standard" tierIndex={index} />
            <span>
              {tier} <strong>{formatMoney(price)}</strong>{' '}
              <span className="secondary-text">{freeByTier.get(tier) ?? 0} free</span>
            </span>
          </li>
        ))}
      </ul>
      <ul>
        {lookEntries.map(([look, text]) => (
          <li key={look}>
            <Swatch look={look} kind="standard" tierIndex={0} /> {text}
          </li>
        ))}
        {kindEntries
          .filter(([kind]) => presentKinds.has(kind))
          .map(([kind, text]) => (
            <li key={kind}>
              <Swatch look="free" kind={kind} tierIndex={0} /> {text}
            </li>
          ))}
      </ul>
    </section>
  );
}

interface SwatchProps {
  readonly look: SeatLook;
  readonly kind: SeatKind;
  readonly tierIndex: number;
}

const Swatch = (props: SwatchProps) => (
  <svg className={`swatch seat look-${props.look}`} viewBox="-.55 -.55 1.1 1.1" aria-hidden="true">
    <SeatShape {...props} />
  </svg>
);

function countFreeByTier(map: HallMap, statuses: Uint8Array): ReadonlyMap<string, number> {
  const free = new Map<string, number>();
  for (const { seat, tier } of map.seats) {
    if (statuses[seat] === SeatStatus.free) free.set(tier, (free.get(tier) ?? 0) + 1);
  }
  return free;
}
