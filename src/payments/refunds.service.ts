import { Injectable } from '@nestjs/common';
import type { Booking } from '@usher/contract';
import { DomainError, isBusy, toDomainError } from '../common/domain-error.js';
import { type BookingCaller, isTakenOver } from '../access/index.js';
import { TicketsService } from '../tickets/index.js';
import {
  type BookingRecord,
  bookingState,
  ownBooking,
  BookingRepository,
  type RefundCommand,
  type RefundOutcome,
  ShowsService,
} from '../shows/index.js';
import { PaymentWorkers } from './payment-workers.service.js';

/** Refunds of paid bookings. */
@Injectable()
export class RefundsService {
  constructor(
    private readonly shows: ShowsService,
    private readonly bookings: BookingRepository,
    private readonly tickets: TicketsService,
    private readonly workers: PaymentWorkers,
  ) {}

  /**
   * Gives paid seats back. The seats are free, or their line's, when this answers; the money is on its way. Buyers get
   * nothing back for a seat whose ticket was used. The show's rule applies to buyers and not to staff.
   *
   * @param seats some of the booking's, or null for all
   * @throws DomainError `NOT_FOUND`, `FORBIDDEN`, `BOOKING_STATE`, `INVALID_SEATS`, `BUSY`
   */
  async refund(caller: BookingCaller, bookingId: string, seats: readonly number[] | null): Promise<Booking> {
    const { showId, booking } = await ownBooking(this.bookings, caller, bookingId);
    const by = caller.by === 'staff' ? 'staff' : 'buyer';
    // Else the repeated call of a node that died in between would be refused for what it did itself.
    if (isTakenOver() && isGivenBack(booking, seats)) return this.shows.toBooking(showId, booking);
    if (booking.status !== 'booked') throw bookingState(booking.status);
    const given = booking.seats.filter((seat) => seats?.includes(seat) ?? true);
    const used = await this.tickets.voidForRefund(showId, bookingId, given, by === 'staff');
    if (used.length > 0 && by === 'buyer') throw ticketUsed(used.length);
    const outcome = await this.decided(showId, { type: 'refund', bookingId, seats, by }, given);
    switch (outcome.type) {
      case 'done':
        this.workers.wakeForRefund();
        return this.shows.toBooking(showId, outcome.booking);
      case 'refused':
        await this.tickets.restore(showId, bookingId, given);
        throw toDomainError(outcome.error);
      case 'notLive':
        throw bookingState((await ownBooking(this.bookings, caller, bookingId)).booking.status);
    }
  }

  /** @throws DomainError `BUSY`: nothing was done, and the tickets let in again */
  private async decided(showId: number, command: RefundCommand, seats: readonly number[]): Promise<RefundOutcome> {
    try {
      return await this.shows.submit(showId, command);
    } catch (error) {
      // Only then: of any other failure it is not known whether the refund was made.
      if (isBusy(error)) await this.tickets.restore(showId, command.bookingId, seats);
      throw error;
    }
  }
}

/** Whether seats of a booking, or all, were given back. */
const isGivenBack = ({ status, seats: kept }: BookingRecord, seats: readonly number[] | null): boolean =>
  status === 'refunded' || (seats !== null && status === 'booked' && !seats.some((seat) => kept.includes(seat)));

const ticketUsed = (count: number): DomainError =>
  new DomainError('BOOKING_STATE', `Somebody was let in by ${count === 1 ? 'a ticket' : 'tickets'} of these seats.`, {
    bookingStatus: 'booked',
  });
