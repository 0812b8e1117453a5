import type { BookedSeat, Booking } from '@usher/contract';
import { useState } from 'react';
import { formatCount, formatMoney } from '../ui/format.js';
import { computeRefund, type RefundTerms } from './refund-terms.js';
import { useRefund } from './use-refund.js';

interface RefundFormProps {
  readonly booking: Booking;
  /** Seats that can be refunded. */
  readonly seats: readonly BookedSeat[];
  readonly terms: RefundTerms;
}

/** Lets the buyer choose seats and refunds them after a confirmation. */
export function RefundForm({ booking, seats, terms }: RefundFormProps) {
  const [checkedSeats, setCheckedSeats] = useState<readonly number[]>([]);
  const [isConfirming, setIsConfirming] = useState(false);
  const { isBusy, failure, refund } = useRefund(booking);
  // If only one seat can be refunded, it needs no checkbox. A checked seat that was refunded meanwhile no longer
  // counts.
  const chosen = seats.length === 1 ? seats : seats.filter(({ seat }) => checkedSeats.includes(seat));
  const amount = computeRefund(chosen, terms);
  const toggle = (seat: number) => {
    setIsConfirming(false);
    setCheckedSeats((before) => (before.includes(seat) ? before.filter((other) => other !== seat) : [...before, seat]));
  };
  const submit = () => {
    if (isBusy || amount === null) return;
    if (!isConfirming) setIsConfirming(true);
    else void refund(chosen, amount).then(() => setIsConfirming(false));
  };
  const labels = chosen.map(({ label }) => label).join(', ');
  return (
    <form
      className="refund-form"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {seats.length > 1 && <SeatCheckboxes seats={seats} checkedSeats={checkedSeats} onToggle={toggle} />}
      {isConfirming && amount !== null && (
        <p className="notice notice-warn">
          <span>
            <strong>
              You get {formatMoney(amount)} back for {labels}.
            </strong>{' '}
            {chosen.length === 1 ? 'The ticket' : 'The tickets'} will no longer be valid. You cannot undo this.
          </span>
        </p>
      )}
      {failure !== null && <p className="notice notice-bad">{failure}</p>}
      <p className="actions actions-filled">
        <button type="submit" className="button" aria-disabled={isBusy || amount === null}>
          {amount === null
            ? 'Choose seats to refund'
            : isConfirming
              ? `Yes, refund ${labels}`
              : `Refund ${formatCount(chosen.length, 'seat')} for ${formatMoney(amount)}`}
        </button>
        {isConfirming && (
          <button type="button" className="button" onClick={() => setIsConfirming(false)}>
            Keep {chosen.length === 1 ? 'the ticket' : 'the tickets'}
          </button>
        )}
      </p>
    </form>
  );
}

interface SeatCheckboxesProps {
  readonly seats: readonly BookedSeat[];
  readonly checkedSeats: readonly number[];
  readonly onToggle: (seat: number) => void;
}

const SeatCheckboxes = ({ seats, checkedSeats, onToggle }: SeatCheckboxesProps) => (
  <fieldset className="checkbox-group">
    <legend>Which seats?</legend>
    {seats.map(({ seat, label, price }) => (
      <label key={seat} className="checkbox-row">
        <input type="checkbox" checked={checkedSeats.includes(seat)} onChange={() => onToggle(seat)} />
        Seat {label}, {formatMoney(price)}
      </label>
    ))}
  </fieldset>
);
