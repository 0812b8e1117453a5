import type { Booking, Show, Ticket } from '@usher/contract';
import { useCallback, useState } from 'react';
import { useLoad } from '../service/use-load.js';
import { LoadView } from '../service/load-view.js';
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

/** A paid booking: its tickets, what can be done with them, and what of the money goes back. */
export function TicketsPanel({ booking, show }: TicketsPanelProps) {
  const { bookingId, version } = booking;
  const { bookings } = useUsher();
  // With every version seats may have been given back.
  const read = useCallback(
    async () => ({ version, tickets: await bookings.tickets(bookingId) }),
    [bookings, bookingId, version],
  );
  const loaded = useLoad(read);
  // Those that are read again are shown as they were meanwhile: who is about to give one back keeps their place.
  const [known, setKnown] = useState<readonly Ticket[] | null>(null);
  if (loaded.state === 'ready' && loaded.value.tickets !== known) setKnown(loaded.value.tickets);
  return (
    <div className="tickets-page">
      <section aria-label="Tickets" className="ticket-list">
        {known?.map((ticket) => (
          <BookingTicket key={ticket.ticketId} ticket={ticket} booking={booking} show={show} />
        ))}
        {(known === null || loaded.state === 'failed') && (
          <LoadView loaded={loaded} what="tickets">
            {() => null}
          </LoadView>
        )}
      </section>
      <div className="tickets-side">
        {booking.status === 'booked' && (
          <section className="panel" aria-label="Take them with you">
            <TicketFiles bookingId={bookingId} />
            <MailForm booking={booking} />
          </section>
        )}
        <RefundResults bookingId={bookingId} state={getRefundsKey(booking)} timeZone={show.cinema.timeZone} />
        {booking.status === 'booked' && known !== null && <RefundPanel booking={booking} show={show} tickets={known} />}
      </div>
    </div>
  );
}

interface BookingTicketProps extends TicketsPanelProps {
  readonly ticket: Ticket;
}

function BookingTicket({ ticket, booking, show }: BookingTicketProps) {
  const bought = booking.seats.find(({ seat }) => seat === ticket.seat) ?? null;
  const hasWallets = Boolean(ticket.wallets?.apple ?? ticket.wallets?.google);
  return (
    <TicketCard ticket={ticket} show={show} bought={ticket.status === 'refunded' ? null : bought}>
      {hasWallets && <WalletButtons ticket={ticket} />}
    </TicketCard>
  );
}
