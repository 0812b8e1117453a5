import type { BookedSeat, Show, Ticket } from '@usher/contract';
import type { ReactNode } from 'react';
import { QrCode } from '../ui/qr-code.js';
import { formatDayAndTime, formatMoney } from '../ui/format.js';

interface TicketCardProps {
  readonly ticket: Ticket;
  readonly show: Show;
  /** Its seat as it was bought; null for one that was given back. */
  readonly bought: BookedSeat | null;
  /** What can be done with it, e.g. put it into a wallet. */
  readonly children?: ReactNode;
}

/** One ticket: the code that the gate reads, and what people read. */
export function TicketCard({ ticket, show, bought, children }: TicketCardProps) {
  const { label, status, code } = ticket;
  const { cinema, hall, movie } = show;
  return (
    <article className={`ticket ticket-${status}`} aria-label={`Ticket ${label}`}>
      <div className="ticket-code">
        {status === 'refunded' ? (
          <p className="ticket-void">Given back</p>
        ) : (
          <QrCode text={code} label={`Code of ticket ${label}`} />
        )}
      </div>
      <div className="ticket-text">
        <p className="ticket-seat">
          <span className="secondary-text">Seat</span> <strong>{label}</strong>
        </p>
        <p>
          <strong>{movie.title}</strong>
        </p>
        <p>{formatDayAndTime(show.startsAt, cinema.timeZone)}</p>
        <p className="secondary-text">
          {cinema.name}, {hall.name}
        </p>
        {bought !== null && (
          <p className="secondary-text">
            {bought.tier}, {formatMoney(bought.price)}
          </p>
        )}
        <p className="secondary-text ticket-number">{ticket.ticketId}</p>
        {status === 'used' && <p className="status-text status-text-warn">Used: somebody was let in by it</p>}
      </div>
      {children && <div className="ticket-actions actions">{children}</div>}
    </article>
  );
}
