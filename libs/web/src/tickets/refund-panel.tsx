import type { Booking, Show, Ticket } from '@usher/contract';
import { useId } from 'react';
import { useUsher } from '../service/usher-context.js';
import { formatDayAndTime, formatMoney } from '../ui/format.js';
import { RefundForm } from './refund-form.js';
import { getRefundTerms, type RefundTerms } from './refund-terms.js';

interface RefundPanelProps {
  readonly booking: Booking;
  readonly show: Show;
  readonly tickets: readonly Ticket[];
}

/** Shows the refund terms of a paid booking, and the form that refunds its seats. */
export function RefundPanel({ booking, show, tickets }: RefundPanelProps) {
  const usher = useUsher();
  const titleId = useId();
  const terms = getRefundTerms(booking, show);
  const usedSeats = new Set(tickets.filter(({ status }) => status === 'used').map(({ seat }) => seat));
  const seats = booking.seats.filter(({ seat }) => !usedSeats.has(seat));
  const isOver = terms !== null && usher.serverNow() >= terms.deadline;
  return (
    <section className="panel" aria-labelledby={titleId}>
      <h2 id={titleId}>Refund seats</h2>
      {terms === null && <p>Seats of this show are not refundable.</p>}
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
  /** True if the deadline has passed. */
  readonly isOver: boolean;
}

function RefundTermsText({ terms: { deadline, feeAmount }, show, currency, isOver }: RefundTermsTextProps) {
  const until = formatDayAndTime(new Date(deadline).toISOString(), show.cinema.timeZone);
  if (isOver) return <p>Refunds were possible until {until}.</p>;
  return (
    <p>
      You can get a refund until <strong>{until}</strong>.{' '}
      {feeAmount === 0 ? (
        'We refund the full price.'
      ) : (
        <>
          We keep a fee of <strong>{formatMoney({ amount: feeAmount, currency })}</strong> per seat.
        </>
      )}
    </p>
  );
}
