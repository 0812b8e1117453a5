import type { Money } from '@usher/contract';
import type { HallMap } from '../seat-map/hall-map.js';
import { describePlace } from '../seat-map/seat-text.js';
import type { TierInfo } from '../seat-map/seat-row.js';
import { formatMoney, formatCount, sumPrices } from '../ui/format.js';
import type { SeatHolds } from './use-seat-holds.js';
import '../bookings/bookings.css';

interface ChoicePanelProps {
  readonly map: HallMap;
  readonly tiers: ReadonlyMap<string, TierInfo>;
  readonly seatHolds: SeatHolds;
  /** True if no seat is free. */
  readonly isFull: boolean;
}

/** Shows the chosen seats, their prices, and the button that holds them. */
export function ChoicePanel({ map, tiers, seatHolds, isFull }: ChoicePanelProps) {
  const { chosen, isBusy, isOnSale, holdChosen, clearChoice, toggleSeat } = seatHolds;
  const seats = chosen.flatMap((seat) => map.seats[seat] ?? []);
  const prices = seats.flatMap((seat): Money[] => {
    const tier = tiers.get(seat.tier);
    return tier ? [tier.price] : [];
  });
  const total = sumPrices(prices);
  return (
    <section className="panel" aria-labelledby="choice-title">
      <h2 id="choice-title">Your choice</h2>
      {seats.length === 0 ? (
        <p className="secondary-text">{describeNextStep(seatHolds, isFull)}</p>
      ) : (
        <ul className="seat-list">
          {seats.map((seat) => {
            const price = tiers.get(seat.tier)?.price;
            return (
              <li key={seat.seat}>
                <span>
                  {describePlace(map, seat)} <span className="secondary-text">{seat.tier}</span>
                </span>
                <span>{price ? formatMoney(price) : ''}</span>
                <button
                  type="button"
                  className="icon-button"
                  aria-label={`Remove ${describePlace(map, seat)}`}
                  onClick={() => toggleSeat(seat)}
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
          aria-disabled={seats.length === 0 || isBusy || !isOnSale}
          onClick={() => {
            if (seats.length > 0 && isOnSale) holdChosen();
          }}
        >
          {isBusy ? 'Please wait …' : seats.length > 1 ? `Hold ${seats.length} seats` : 'Hold seats'}
        </button>
        {seats.length > 0 && (
          <button type="button" className="button" onClick={clearChoice}>
            Clear
          </button>
        )}
      </p>
    </section>
  );
}

function describeNextStep({ choiceMax, holds }: SeatHolds, isFull: boolean): string {
  if (choiceMax === 0) return 'You already hold the maximum number of seats.';
  if (isFull) return holds.length > 0 ? 'No other seat is free.' : 'Sold out. No seat is free right now.';
  return `Choose up to ${formatCount(choiceMax, 'seat')} on the map.`;
}
