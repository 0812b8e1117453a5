import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { Subscription } from 'rxjs';
import { RealtimeGateway } from '../realtime/realtime.gateway.js';
import { ShowsService } from '../shows/shows.service.js';
import { toBooking } from '../shows/to-booking.js';
import { BookingOrigins } from './booking-origins.js';

/** Tells a session of every change of its bookings, on all its sockets. */
@Injectable()
export class BookingNotifier implements OnModuleInit, OnModuleDestroy {
  private subscription: Subscription | null = null;

  constructor(
    private readonly shows: ShowsService,
    private readonly realtime: RealtimeGateway,
    private readonly origins: BookingOrigins,
  ) {}

  onModuleInit(): void {
    this.subscription = this.shows.advances.subscribe(({ terms, bookings }) => {
      for (const booking of bookings) {
        const asker = booking.status === 'reserved' ? this.origins.get(booking.bookingId) : null;
        const sockets = this.realtime.socketsOf(booking.sessionId, asker);
        sockets?.emit('booking:updated', { booking: toBooking(terms, booking) });
      }
    });
  }

  onModuleDestroy(): void {
    this.subscription?.unsubscribe();
  }
}
