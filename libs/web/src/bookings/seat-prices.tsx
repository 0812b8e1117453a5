import type { Booking } from '@usher/contract';
import { formatMoney } from '../ui/format.js';
import './bookings.css';

/** Lists a booking's seats with their prices and the total. */
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
