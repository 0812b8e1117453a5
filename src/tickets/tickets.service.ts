import { Inject, Injectable } from '@nestjs/common';
import type { Booking, Show, Ticket } from '@usher/contract';
import { CatalogService } from '../catalog/index.js';
import { DomainError, createNotFoundError } from '../common/domain-error.js';
import type { BookingCaller } from '../access/index.js';
import { ownBooking, BookingRepository, ShowsService } from '../shows/index.js';
import { TicketKeyRing } from './keys/ticket-key-ring.service.js';
import { TicketStore } from './ticket-store.js';
import { walletLinks, WALLETS, type Wallets } from './wallets/wallets.js';

/** A booking's tickets with all that is printed on them. */
export interface BookedTickets {
  readonly show: Show;
  readonly booking: Booking;
  readonly tickets: readonly Ticket[];
}

/** One of them. */
export interface BookedTicket extends Omit<BookedTickets, 'tickets'> {
  readonly ticket: Ticket;
}

/** The tickets of bookings. A ticket is there as soon as it is asked for: nothing has to be made when a booking is paid. */
@Injectable()
export class TicketsService {
  constructor(
    private readonly store: TicketStore,
    private readonly ring: TicketKeyRing,
    private readonly bookings: BookingRepository,
    private readonly shows: ShowsService,
    private readonly catalog: CatalogService,
    @Inject(WALLETS) private readonly wallets: Wallets,
  ) {}

  /**
   * The tickets of a booking that is, or was, paid.
   *
   * @throws DomainError `NOT_FOUND`, `FORBIDDEN`, `UNAUTHENTICATED`, `BOOKING_STATE`
   */
  async ofBooking(caller: BookingCaller, bookingId: string): Promise<BookedTickets> {
    const booking = await this.paidBooking(caller, bookingId);
    const { showId, seats } = booking;
    const [show, layout, stored] = await Promise.all([
      this.catalog.show(showId),
      this.catalog.layoutOfShow(showId),
      this.store.ofBooking(
        showId,
        bookingId,
        seats.map(({ seat }) => seat),
      ),
    ]);
    const { startsAt } = show;
    const tickets = stored.map(async ({ ticketId, seat, status, isDisputed }) => {
      const label = layout.seats[seat]?.label ?? String(seat);
      const code = await this.ring.sign({ ticketId, showId, seat, label, startsAt });
      const links = walletLinks(this.wallets, { bookingId, ticketId, status });
      return {
        ticketId,
        bookingId,
        showId,
        seat,
        label,
        code,
        status,
        ...links,
        ...(isDisputed && { disputed: true as const }),
      };
    });
    return { show, booking, tickets: await Promise.all(tickets) };
  }

  /**
   * One ticket of a booking, to be shown somewhere else.
   *
   * @throws DomainError as {@link ofBooking}, `NOT_FOUND` for the ticket, `BOOKING_STATE` where its seat was given back
   */
  async one(caller: BookingCaller, bookingId: string, ticketId: string): Promise<BookedTicket> {
    const { show, booking, tickets } = await this.ofBooking(caller, bookingId);
    const ticket = tickets.find((one) => one.ticketId === ticketId);
    if (!ticket) throw createNotFoundError('ticket');
    if (ticket.status !== 'refunded') return { show, booking, ticket };
    throw new DomainError('BOOKING_STATE', 'The seat of this ticket was given back.', {
      bookingStatus: booking.status,
    });
  }

  /**
   * To be called before seats of a booking are refunded, so that nobody is let in to them meanwhile. The tickets let in
   * again after half a minute, should the refund not be made by then.
   *
   * @param evenUsed whether seats that somebody was let in to are given back as well
   * @returns seats that somebody was let in to already; if there are any, and not `evenUsed`, no ticket was touched
   */
  voidForRefund(showId: number, bookingId: string, seats: readonly number[], evenUsed: boolean): Promise<number[]> {
    return this.store.void(showId, bookingId, seats, evenUsed);
  }

  /** The refund is not made after all: its tickets let in again at once. */
  restore(showId: number, bookingId: string, seats: readonly number[]): Promise<void> {
    return this.store.unvoid(showId, bookingId, seats);
  }

  /** @throws DomainError `NOT_FOUND`, `FORBIDDEN`, `UNAUTHENTICATED`, `BOOKING_STATE` */
  private async paidBooking(caller: BookingCaller, bookingId: string): Promise<Booking> {
    const stored = await ownBooking(this.bookings, caller, bookingId);
    const { status: bookingStatus } = stored.booking;
    if (bookingStatus !== 'booked' && bookingStatus !== 'refunded') {
      throw new DomainError('BOOKING_STATE', `The booking is ${bookingStatus}: it has no tickets.`, { bookingStatus });
    }
    return this.shows.toBooking(stored.showId, stored.booking);
  }
}
