import type { BookedSeat, Show, Ticket } from '@usher/contract';
import type { ReactNode } from 'react';
import { formatDayAndTime, formatMoney } from '../ui/format.js';
import { QrCode } from '../ui/qr-code.js';

interface TicketCardProps {
  readonly ticket: Ticket;
  readonly show: Show;
  /** The seat with its price, or null if the ticket was refunded. */
  readonly bookedSeat: BookedSeat | null;
  /** Actions of the ticket, for example to add it to a wallet. */
  readonly children?: ReactNode;
}

/** Shows one ticket: the code for the gate, and the text for people. */
export function TicketCard({ ticket, show, bookedSeat, children }: TicketCardProps) {
  const { label, status, code } = ticket;
  const { cinema, hall, movie } = show;
  return (
    <article className={`ticket ticket-${status}`} aria-label={`Ticket ${label}`}>
      <div className="ticket-code">
        {status === 'refunded' ? (
          <p className="ticket-void">Refunded</p>
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
        {bookedSeat !== null && (
          <p className="secondary-text">
            {bookedSeat.tier}, {formatMoney(bookedSeat.price)}
          </p>
        )}
        <p className="secondary-text ticket-number">{ticket.ticketId}</p>
        {status === 'used' && (
          <p className="status-text status-text-warn">Used. Somebody has entered with this ticket</p>
        )}
      </div>
      {children && <div className="ticket-actions actions">{children}</div>}
    </article>
  );
}
