import { Body, Controller, Delete, Get, Header, Param, Post, Query, UseGuards } from '@nestjs/common';
import { type Booking, BookingParams, BookingsQuery, type Page, ReserveBody, ShowParams } from '@usher/contract';
import type { z } from 'zod';
import { SessionGuard, SessionId } from '../realtime/session.guard.js';
import { IdempotencyKey } from '../realtime/idempotency-key.decorator.js';
import { ReservationsService } from './reservations.service.js';

/** Reservations over REST: the rules of the sockets, for kiosks and partners' servers. */
@Controller('v1')
@UseGuards(SessionGuard)
export class ReservationsController {
  constructor(private readonly reservations: ReservationsService) {}

  @Post('shows/:showId/reservations')
  createReservation(
    @SessionId() sessionId: string,
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
    @IdempotencyKey() key: string | null,
    @Body({ schema: ReserveBody }) body: ReserveBody,
  ): Promise<Booking> {
    return this.reservations.reserve({ sessionId, showId, body, key, socketId: null });
  }

  @Get('bookings/:bookingId')
  @Header('Cache-Control', 'no-store')
  getBooking(
    @SessionId() sessionId: string,
    @Param({ schema: BookingParams }) { bookingId }: z.output<typeof BookingParams>,
  ): Promise<Booking> {
    return this.reservations.get(sessionId, bookingId);
  }

  @Get('bookings')
  @Header('Cache-Control', 'no-store')
  listBookings(
    @SessionId() sessionId: string,
    @Query({ schema: BookingsQuery }) { showId, limit, cursor }: z.output<typeof BookingsQuery>,
  ): Promise<Page<Booking>> {
    return this.reservations.list(sessionId, showId, limit, cursor ?? null);
  }

  @Delete('bookings/:bookingId')
  releaseBooking(
    @SessionId() sessionId: string,
    @Param({ schema: BookingParams }) { bookingId }: z.output<typeof BookingParams>,
  ): Promise<Booking> {
    return this.reservations.release(sessionId, bookingId);
  }
}
