import type { Money } from '@usher/contract';
import type { HallMap } from '../seat-map/hall-map.js';
import type { TierInfo } from '../seat-map/seat-row.js';
import { describePlace } from '../seat-map/seat-text.js';
import { formatCount, formatMoney, sumPrices } from '../ui/format.js';
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
  const { chosenSeats, isBusy, isOnSale, holdChosen, clearChoice, toggleSeat } = seatHolds;
  const seats = chosenSeats.flatMap((seat) => map.seats[seat] ?? []);
  const total = sumPrices(seats.flatMap(({ tier }) => tiers.get(tier)?.price ?? []));
  return (
    <section className="panel" aria-labelledby="choice-title">
      <h2 id="choice-title">Your choice</h2>
      {seats.length === 0 ? (
        <p className="secondary-text">{describeNextStep(seatHolds, isFull)}</p>
      ) : (
        <ul className="seat-list">
          {seats.map((seat) => (
            <ChosenSeat
              key={seat.seat}
              place={describePlace(map, seat)}
              tier={seat.tier}
              price={tiers.get(seat.tier)?.price}
              onRemove={() => toggleSeat(seat)}
            />
          ))}
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

interface ChosenSeatProps {
  /** For example "Row D seat 12". */
  readonly place: string;
  readonly tier: string;
  readonly price: Money | undefined;
  readonly onRemove: () => void;
}

const ChosenSeat = ({ place, tier, price, onRemove }: ChosenSeatProps) => (
  <li>
    <span>
      {place} <span className="secondary-text">{tier}</span>
    </span>
    <span>{price ? formatMoney(price) : ''}</span>
    <button type="button" className="icon-button" aria-label={`Remove ${place}`} onClick={onRemove}>
      ×
    </button>
  </li>
);

function describeNextStep({ choiceMax, holds }: SeatHolds, isFull: boolean): string {
  if (choiceMax === 0) return 'You already hold the maximum number of seats.';
  if (isFull) return holds.length > 0 ? 'No other seat is free.' : 'Sold out. No seat is free right now.';
  return `Choose up to ${formatCount(choiceMax, 'seat')} on the map.`;
}
