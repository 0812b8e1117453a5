import { Inject, Injectable } from '@nestjs/common';
import type { Booking, Show, Ticket } from '@usher/contract';
import { CatalogService } from '../catalog/index.js';
import { DomainError, createNotFoundError } from '../common/domain-error.js';
import type { BookingCaller } from '../access/index.js';
import { ownBooking, BookingRepository, ShowsService } from '../shows/index.js';
import { TicketKeyRing } from './keys/ticket-key-ring.service.js';
import { TicketStore } from './ticket-store.js';
import { createWalletLinks, WALLETS, type Wallets } from './wallets/wallets.js';

/** The tickets of a booking, with the show and the booking, which are needed for their documents. */
export interface BookedTickets {
  readonly show: Show;
  readonly booking: Booking;
  readonly tickets: readonly Ticket[];
}

/** One ticket of a booking, with the show and the booking, which are needed for its documents. */
export interface BookedTicket extends Omit<BookedTickets, 'tickets'> {
  readonly ticket: Ticket;
}

/**
 * Returns the tickets of bookings. A ticket's row is inserted when the ticket is first requested, so a payment does not have
 * to create tickets.
 */
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
   * Returns the tickets of a paid booking. A refunded booking still has its tickets.
   *
   * @throws DomainError `NOT_FOUND`, `FORBIDDEN`, `UNAUTHENTICATED`, `BOOKING_STATE`
   */
  async listForBooking(caller: BookingCaller, bookingId: string): Promise<BookedTickets> {
    const booking = await this.paidBooking(caller, bookingId);
    const { showId, seats } = booking;
    const [show, layout, stored] = await Promise.all([
      this.catalog.show(showId),
      this.catalog.layoutOfShow(showId),
      this.store.listForBooking(
        showId,
        bookingId,
        seats.map(({ seat }) => seat),
      ),
    ]);
    const { startsAt } = show;
    const tickets = stored.map(async ({ ticketId, seat, status, isDisputed }) => {
      const label = layout.seats[seat]?.label ?? String(seat);
      const code = await this.ring.sign({ ticketId, showId, seat, label, startsAt });
      const links = createWalletLinks(this.wallets, { bookingId, ticketId, status });
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
   * Returns one ticket of a booking, for a wallet pass.
   *
   * @throws DomainError, like {@link listForBooking}; also `NOT_FOUND` for the ticket, and `BOOKING_STATE` if its seat
   * was given back
   */
  async getTicket(caller: BookingCaller, bookingId: string, ticketId: string): Promise<BookedTicket> {
    const { show, booking, tickets } = await this.listForBooking(caller, bookingId);
    const ticket = tickets.find((candidate) => candidate.ticketId === ticketId);
    if (!ticket) throw createNotFoundError('ticket');
    if (ticket.status !== 'refunded') return { show, booking, ticket };
    throw new DomainError(
      'BOOKING_STATE',
      'The seat of this ticket was given back, so the ticket is not valid any more.',
      {
        bookingStatus: booking.status,
      },
    );
  }

  /**
   * Voids tickets before their seats are refunded, so that no gate admits a person during the refund. If the refund is not
   * made within 30 s, the tickets become valid again.
   *
   * @param isUsedAllowed whether the refund may include seats whose tickets were used
   * @returns the seats whose tickets were used; if there are any and `isUsedAllowed` is false, no ticket was voided
   */
  voidForRefund(
    showId: number,
    bookingId: string,
    seats: readonly number[],
    isUsedAllowed: boolean,
  ): Promise<number[]> {
    return this.store.voidUnused(showId, bookingId, seats, isUsedAllowed);
  }

  /** Makes the tickets valid again at once, if the refund was not made. */
  restore(showId: number, bookingId: string, seats: readonly number[]): Promise<void> {
    return this.store.unvoid(showId, bookingId, seats);
  }

  /** @throws DomainError `NOT_FOUND`, `FORBIDDEN`, `UNAUTHENTICATED`, `BOOKING_STATE` */
  private async paidBooking(caller: BookingCaller, bookingId: string): Promise<Booking> {
    const stored = await ownBooking(this.bookings, caller, bookingId);
    const { status: bookingStatus } = stored.booking;
    if (bookingStatus !== 'booked' && bookingStatus !== 'refunded') {
      throw new DomainError('BOOKING_STATE', `The booking is ${bookingStatus}. Only a paid booking has tickets.`, {
        bookingStatus,
      });
    }
    return this.shows.toBooking(stored.showId, stored.booking);
  }
}
