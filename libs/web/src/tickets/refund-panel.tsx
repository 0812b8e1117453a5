import { UsherError } from '@usher/client';
import type { BookedSeat, Booking, Show, Ticket } from '@usher/contract';
import { useId, useState } from 'react';
import { describeError } from '../service/refusals.js';
import { useAnnounce } from '../ui/announcer.js';
import { formatDayAndTime, formatMoney, formatCount } from '../ui/format.js';
import { useUsher } from '../service/usher-context.js';
import { computeRefund, type RefundTerms, getRefundTerms } from './refund-terms.js';

interface RefundPanelProps {
  readonly booking: Booking;
  readonly show: Show;
  readonly tickets: readonly Ticket[];
}

/** Gives paid seats back: which, for how much, until when; asked once more before it is done. */
export function RefundPanel({ booking, show, tickets }: RefundPanelProps) {
  const usher = useUsher();
  const titleId = useId();
  const terms = getRefundTerms(booking, show);
  const used = new Set(tickets.filter(({ status }) => status === 'used').map(({ seat }) => seat));
  const seats = booking.seats.filter(({ seat }) => !used.has(seat));
  const isOver = terms !== null && usher.serverNow() >= terms.deadline;
  return (
    <section className="panel" aria-labelledby={titleId}>
      <h2 id={titleId}>Give seats back</h2>
      {terms === null && <p>Seats of this show are not taken back.</p>}
      {terms !== null && (
        <RefundTermsText terms={terms} show={show} currency={booking.total.currency} isOver={isOver} />
      )}
      {terms !== null && !isOver && seats.length > 0 && <RefundForm booking={booking} seats={seats} terms={terms} />}
    </section>
  );
}

interface RefundTermsTextProps {
  readonly terms: RefundTerms;
  readonly show: Show;
  readonly currency: string;
  readonly isOver: boolean;
}

function RefundTermsText({ terms: { deadline, fee }, show, currency, isOver }: RefundTermsTextProps) {
  const until = formatDayAndTime(new Date(deadline).toISOString(), show.cinema.timeZone);
  if (isOver) return <p>Seats were taken back until {until}.</p>;
  return (
    <p>
      Until <strong>{until}</strong> you can give seats back.{' '}
      {fee === 0 ? (
        'You get all of their price.'
      ) : (
        <>
          Of each seat’s price <strong>{formatMoney({ amount: fee, currency })}</strong> are kept as a fee.
        </>
      )}
    </p>
  );
}

interface RefundFormProps {
  readonly booking: Booking;
  /** Those that can be given back. */
  readonly seats: readonly BookedSeat[];
  readonly terms: RefundTerms;
}

function RefundForm({ booking, seats, terms }: RefundFormProps) {
  const [ticked, setTicked] = useState<readonly number[]>([]);
  const [isAsked, setIsAsked] = useState(false);
  const { busy, failure, refund } = useRefund(booking);
  // A single seat needs no choice; one that has gone meanwhile is none.
  const chosen = seats.length === 1 ? seats : seats.filter(({ seat }) => ticked.includes(seat));
  const sum = computeRefund(chosen, terms);
  const toggle = (seat: number) => {
    setIsAsked(false);
    setTicked((before) => (before.includes(seat) ? before.filter((one) => one !== seat) : [...before, seat]));
  };
  const labels = chosen.map(({ label }) => label).join(', ');
  return (
    <form
      className="refund-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (busy || sum === null) return;
        if (!isAsked) setIsAsked(true);
        else void refund(chosen, sum).then(() => setIsAsked(false));
      }}
    >
      {seats.length > 1 && (
        <fieldset className="checkbox-group">
          <legend>Which seats?</legend>
          {seats.map(({ seat, label, price }) => (
            <label key={seat} className="checkbox-row">
              <input type="checkbox" checked={ticked.includes(seat)} onChange={() => toggle(seat)} />
              Seat {label}, {formatMoney(price)}
            </label>
          ))}
        </fieldset>
      )}
      {isAsked && sum !== null && (
        <p className="notice notice-warn">
          <span>
            <strong>
              You get {formatMoney(sum)} back for {labels}.
            </strong>{' '}
            The ticket
            {chosen.length === 1 ? ' lets' : 's let'} nobody in any more, and this cannot be undone.
          </span>
        </p>
      )}
      {failure !== null && <p className="notice notice-bad">{failure}</p>}
      <p className="actions actions-filled">
        <button type="submit" className="button" aria-disabled={busy || sum === null}>
          {sum === null
            ? 'Choose seats to give back'
            : isAsked
              ? `Yes, give ${labels} back`
              : labelRefundButton(chosen, formatMoney(sum))}
        </button>
        {isAsked && (
          <button type="button" className="button" onClick={() => setIsAsked(false)}>
            Keep {chosen.length === 1 ? 'it' : 'them'}
          </button>
        )}
      </p>
    </form>
  );
}

const labelRefundButton = (seats: readonly BookedSeat[], sum: string): string =>
  `Give ${formatCount(seats.length, 'seat')} back for ${sum}`;

/** Giving seats back, one call at a time; its result and its refusal are said aloud. */
function useRefund({ bookingId, seats: all }: Booking) {
  const { bookings } = useUsher();
  const announce = useAnnounce();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  const refund = async (seats: readonly BookedSeat[], sum: Parameters<typeof formatMoney>[0]) => {
    setBusy(true);
    setFailure(null);
    try {
      const isAll = seats.length === all.length;
      await bookings.refund(bookingId, isAll ? undefined : seats.map(({ seat }) => seat));
      const labels = seats.map(({ label }) => label).join(', ');
      announce(`${labels} given back. ${formatMoney(sum)} goes back the way you paid.`);
    } catch (thrown) {
      const { title, text } = describeRefundError(thrown);
      setFailure(`${title}. ${text}`);
      announce(`${title}. ${text}`, 'assertive');
    } finally {
      setBusy(false);
    }
  };

  return { busy, failure, refund };
}

/** The words for a hold that is over do not fit seats that are paid. */
function describeRefundError(thrown: unknown): { title: string; text: string } {
  const code = thrown instanceof UsherError ? thrown.code : null;
  if (code === 'BOOKING_STATE' || code === 'INVALID_SEATS') {
    return {
      title: 'Not given back',
      text: 'These seats cannot be given back any more: it is too late, or somebody was let in by their tickets.',
    };
  }
  return describeError(thrown);
}
