import type { Booking } from '@usher/contract';
import { formatMoney } from '../ui/format.js';
import './bookings.css';

/** A booking's seats with their prices and the sum. */
export function SeatPrices({ booking: { seats, total } }: { readonly booking: Booking }) {
  return (
    <>
      <ul className="seat-list seat-prices">
        {seats.map(({ seat, label, tier, price }) => (
          <li key={seat}>
            <span>
              Seat {label} <span className="secondary-text">{tier}</span>
            </span>
            <span>{formatMoney(price)}</span>
          </li>
        ))}
      </ul>
      <p className="total">
        <span>Total</span> <strong>{formatMoney(total)}</strong>
      </p>
    </>
  );
}
