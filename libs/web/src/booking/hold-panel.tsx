import { formatMoney, formatTime } from '../ui/format.js';
import { Countdown } from './countdown.js';
import type { Buying, Hold } from './use-buying.js';

/** A running hold: its seats, until when, and the way to give it back. */
export function HoldPanel({ hold, buying }: { readonly hold: Hold; readonly buying: Buying }) {
  const titleId = `hold-${hold.bookingId}`;
  return (
    <section className="panel panel-hold" aria-labelledby={titleId}>
      <h2 id={titleId}>Held for you</h2>
      <Countdown hold={hold} />
      <p>
        Nobody else can take these seats until <strong>{formatTime(hold.expiresAt)}</strong> on your clock.
        {hold.substituted && ' Your first choice was taken; these are the nearest like it.'}
      </p>
      <ul className="seat-list">
        {hold.seats.map(({ seat, label, tier, price }) => (
          <li key={seat}>
            <span>
              Seat {label} <span className="quiet">{tier}</span>
            </span>
            <span>{formatMoney(price)}</span>
          </li>
        ))}
      </ul>
      <p className="total">
        <span>Total</span> <strong>{formatMoney(hold.total)}</strong>
      </p>
      <p className="actions">
        <button type="button" className="button" aria-disabled={buying.busy} onClick={() => buying.release(hold)}>
          Release these seats
        </button>
      </p>
    </section>
  );
}
