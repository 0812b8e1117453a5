import type { Booking, Show, Ticket } from '@usher/contract';
import { useCallback, useState } from 'react';
import { LoadView } from '../service/load-view.js';
import { useLoad } from '../service/use-load.js';
import { useUsher } from '../service/usher-context.js';
import { MailForm } from './mail-form.js';
import { RefundPanel } from './refund-panel.js';
import { getRefundsKey, RefundResults } from './refund-results.js';
import { TicketCard } from './ticket-card.js';
import { TicketFiles } from './ticket-files.js';
import { WalletButtons } from './wallet-buttons.js';
import './tickets.css';

interface TicketsPanelProps {
  readonly booking: Booking;
  readonly show: Show;
}

/** Shows a paid booking: its tickets, the actions on them, and the refunds. */
export function TicketsPanel({ booking, show }: TicketsPanelProps) {
  const { bookingId, version } = booking;
  const { bookings } = useUsher();
  // Reads the tickets again for every version of the booking, because a new version can contain a refund.
  const read = useCallback(
    async () => ({ version, tickets: await bookings.tickets(bookingId) }),
    [bookings, bookingId, version],
  );
  const load = useLoad(read);
  // While new tickets load, the page keeps the old ones. Otherwise, a buyer would lose the input in the refund form.
  const [tickets, setTickets] = useState<readonly Ticket[] | null>(null);
  if (load.state === 'ready' && load.value.tickets !== tickets) setTickets(load.value.tickets);
  return (
    <div className="tickets-page">
      <section aria-label="Tickets" className="ticket-list">
        {tickets?.map((ticket) => (
          <BookingTicket key={ticket.ticketId} ticket={ticket} booking={booking} show={show} />
        ))}
        {(tickets === null || load.state === 'failed') && (
          <LoadView load={load} what="tickets">
            {() => null}
          </LoadView>
        )}
      </section>
      <div className="tickets-side">
        {booking.status === 'booked' && (
          <section className="panel" aria-label="Take your tickets with you">
            <TicketFiles bookingId={bookingId} />
            <MailForm booking={booking} />
          </section>
        )}
        <RefundResults bookingId={bookingId} refundsKey={getRefundsKey(booking)} timeZone={show.cinema.timeZone} />
        {booking.status === 'booked' && tickets !== null && (
          <RefundPanel booking={booking} show={show} tickets={tickets} />
        )}
      </div>
    </div>
  );
}

interface BookingTicketProps extends TicketsPanelProps {
  readonly ticket: Ticket;
}

function BookingTicket({ ticket, booking, show }: BookingTicketProps) {
  const bookedSeat = booking.seats.find(({ seat }) => seat === ticket.seat) ?? null;
  const hasWallets = Boolean(ticket.wallets?.apple ?? ticket.wallets?.google);
  return (
    <TicketCard ticket={ticket} show={show} bookedSeat={ticket.status === 'refunded' ? null : bookedSeat}>
      {hasWallets && <WalletButtons ticket={ticket} />}
    </TicketCard>
  );
}
