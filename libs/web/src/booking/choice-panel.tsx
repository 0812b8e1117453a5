import type { Money } from '@usher/contract';
import type { HallMap } from '../seat-map/hall-map.js';
import { seatPlace } from '../seat-map/seat-names.js';
import type { TierLook } from '../seat-map/seat-row.js';
import { formatMoney, plural, sumOf } from '../ui/format.js';
import type { Buying } from './use-buying.js';

interface ChoicePanelProps {
  readonly map: HallMap;
  readonly tiers: ReadonlyMap<string, TierLook>;
  readonly buying: Buying;
  /** Nothing is free. */
  readonly isFull: boolean;
}

/** The chosen seats, what they cost, and the button that holds them. */
export function ChoicePanel({ map, tiers, buying, isFull }: ChoicePanelProps) {
  const { chosen, busy, isOnSale, hold, clear, press } = buying;
  const seats = chosen.flatMap((seat) => map.seats[seat] ?? []);
  const prices = seats.flatMap((seat): Money[] => {
    const tier = tiers.get(seat.tier);
    return tier ? [tier.price] : [];
  });
  const total = sumOf(prices);
  return (
    <section className="panel" aria-labelledby="choice-title">
      <h2 id="choice-title">Your choice</h2>
      {seats.length === 0 ? (
        <p className="quiet">{whatToDo(buying, isFull)}</p>
      ) : (
        <ul className="seat-list">
          {seats.map((seat) => {
            const price = tiers.get(seat.tier)?.price;
            return (
              <li key={seat.seat}>
                <span>
                  {seatPlace(map, seat)} <span className="quiet">{seat.tier}</span>
                </span>
                <span>{price ? formatMoney(price) : ''}</span>
                <button
                  type="button"
                  className="icon-button"
                  aria-label={`Remove ${seatPlace(map, seat)}`}
                  onClick={() => press(seat)}
                >
                  ×
                </button>
              </li>
            );
          })}
        </ul>
      )}
      {total !== null && (
        <p className="total">
          <span>Total</span> <strong>{formatMoney(total)}</strong>
        </p>
      )}
      <p className="actions">
        <button
          type="button"
          className="button button-main"
          aria-disabled={seats.length === 0 || busy || !isOnSale}
          onClick={() => {
            if (seats.length > 0 && isOnSale) hold();
          }}
        >
          {busy ? 'One moment …' : seats.length > 1 ? `Hold ${seats.length} seats` : 'Hold seats'}
        </button>
        {seats.length > 0 && (
          <button type="button" className="button" onClick={clear}>
            Clear
          </button>
        )}
      </p>
    </section>
  );
}

function whatToDo({ limit, holds }: Buying, isFull: boolean): string {
  if (limit === 0) return 'You hold as many seats as you may.';
  if (isFull) return holds.length > 0 ? 'No other seat is free.' : 'Sold out: no seat is free at the moment.';
  return `Choose up to ${plural(limit, 'seat')} on the map.`;
}
