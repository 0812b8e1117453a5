import { Injectable } from '@nestjs/common';
import type { Booking } from '@usher/contract';
import { DomainError, isBusy, toDomainError } from '../common/domain-error.js';
import { type BookingCaller, buyerCaller, isTakenOver } from '../access/index.js';
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

/** Refunds seats of paid bookings. */
@Injectable()
export class RefundsService {
  constructor(
    private readonly shows: ShowsService,
    private readonly bookings: BookingRepository,
    private readonly tickets: TicketsService,
    private readonly workers: PaymentWorkers,
  ) {}

  /**
   * Refunds booked seats. When this returns, the seats are free or offered to the line, and a worker pays the money
   * back. Buyers get no refund for a seat whose ticket was used. The show's refund rules apply to buyers and not to
   * staff.
   *
   * @param seats seats of the booking, or null for all
   * @throws DomainError `NOT_FOUND`, `FORBIDDEN`, `BOOKING_STATE`, `INVALID_SEATS`, `BUSY`
   */
  async refund(caller: BookingCaller, bookingId: string, seats: readonly number[] | null): Promise<Booking> {
    const { showId, booking } = await ownBooking(this.bookings, caller, bookingId);
    const by = caller.by === 'staff' ? 'staff' : 'buyer';
    // If the first node died before it answered, its refund may be complete. Then the repeated request must not fail.
    if (isTakenOver() && areRefunded(booking, seats)) return this.shows.toBooking(showId, booking);
    if (booking.status !== 'booked') throw bookingState(booking.status);
    const refundedSeats = booking.seats.filter((seat) => seats?.includes(seat) ?? true);
    const used = await this.tickets.voidForRefund(showId, bookingId, refundedSeats, by === 'staff');
    if (used.length > 0 && by === 'buyer') throw ticketUsed(used.length);
    const audit = caller.by === 'staff' ? caller.audit : buyerCaller;
    const outcome = await this.submit(showId, { type: 'refund', bookingId, seats, by, audit }, refundedSeats);
    switch (outcome.type) {
      case 'done':
        this.workers.wakeForRefund();
        return this.shows.toBooking(showId, outcome.booking);
      case 'refused':
        await this.tickets.restore(showId, bookingId, refundedSeats);
        throw toDomainError(outcome.error);
      case 'notLive':
        throw bookingState((await ownBooking(this.bookings, caller, bookingId)).booking.status);
    }
  }

  /** Submits the refund to the lane. @throws DomainError `BUSY` if nothing was changed; then the tickets are valid again */
  private async submit(showId: number, command: RefundCommand, seats: readonly number[]): Promise<RefundOutcome> {
    try {
      return await this.shows.submit(showId, command);
    } catch (error) {
      // After any other error, the refund may have been made, so the tickets stay invalid.
      if (isBusy(error)) await this.tickets.restore(showId, command.bookingId, seats);
      throw error;
    }
  }
}

/** Returns true if the given seats of a booking are refunded. If `seats` is null, all its seats must be refunded. */
const areRefunded = ({ status, seats: kept }: BookingRecord, seats: readonly number[] | null): boolean =>
  status === 'refunded' || (seats !== null && status === 'booked' && !seats.some((seat) => kept.includes(seat)));

const ticketUsed = (count: number): DomainError =>
  new DomainError(
    'BOOKING_STATE',
    `${count === 1 ? 'A ticket' : 'Tickets'} of these seats ${count === 1 ? 'was' : 'were'} used at the entrance.`,
    {
      bookingStatus: 'booked',
    },
  );
