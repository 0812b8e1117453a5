import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import { type Booking, BookingParams, BookingsQuery, type Page, ReserveBody, ShowParams } from '@usher/contract';
import type { Request } from 'express';
import type { z } from 'zod';
import {
  type BookingCaller,
  BookingCallerGuard,
  BuyerSources,
  CallerOfBooking,
  IdempotencyKey,
  KeyScoped,
  SellerScoped,
  SessionGuard,
} from '../access/index.js';
import { ReservationsService } from './reservations.service.js';

/** Serves reservations over REST, for kiosks and the servers of partners. The rules are the same as over sockets. */
@Controller('v1')
export class ReservationsController {
  constructor(
    private readonly reservations: ReservationsService,
    private readonly buyers: BuyerSources,
  ) {}

  @Post('shows/:showId/reservations')
  @SellerScoped({ show: 'params.showId' })
  @UseGuards(SessionGuard)
  async createReservation(
    @Req() request: Request,
    @Param({ schema: ShowParams }) { showId }: z.output<typeof ShowParams>,
    @IdempotencyKey() key: string | null,
    @Body({ schema: ReserveBody }) body: ReserveBody,
  ): Promise<Booking> {
    const buyer = await this.buyers.ofRequest(request);
    return this.reservations.reserve({ buyer, showId, body, key, origin: null });
  }

  @Get('bookings/:bookingId')
  @KeyScoped({ booking: 'params.bookingId' })
  @Header('Cache-Control', 'no-store')
  @UseGuards(BookingCallerGuard)
  getBooking(
    @CallerOfBooking() caller: BookingCaller,
    @Param({ schema: BookingParams }) { bookingId }: z.output<typeof BookingParams>,
  ): Promise<Booking> {
    return this.reservations.get(caller, bookingId);
  }

  @Get('bookings')
  @KeyScoped({ show: 'query.showId' })
  @Header('Cache-Control', 'no-store')
  @UseGuards(BookingCallerGuard)
  listBookings(
    @CallerOfBooking() caller: BookingCaller,
    @Query({ schema: BookingsQuery }) { showId, code, limit, cursor }: z.output<typeof BookingsQuery>,
  ): Promise<Page<Booking>> {
    const page = { limit, cursor: cursor ?? null };
    return code === undefined
      ? this.reservations.listOfSession(caller, showId, page)
      : this.reservations.listOfCode(caller, code, showId ?? null, page);
  }

  @Delete('bookings/:bookingId')
  @KeyScoped({ booking: 'params.bookingId' })
  @UseGuards(BookingCallerGuard)
  releaseBooking(
    @CallerOfBooking() caller: BookingCaller,
    @Param({ schema: BookingParams }) { bookingId }: z.output<typeof BookingParams>,
  ): Promise<Booking> {
    return this.reservations.release(caller, bookingId);
  }

  @Delete('bookings/:bookingId/links')
  @KeyScoped({ booking: 'params.bookingId' })
  @HttpCode(204)
  @UseGuards(BookingCallerGuard)
  revokeBookingLinks(
    @CallerOfBooking() caller: BookingCaller,
    @Param({ schema: BookingParams }) { bookingId }: z.output<typeof BookingParams>,
  ): Promise<void> {
    return this.reservations.revokeLinks(caller, bookingId);
  }
}
