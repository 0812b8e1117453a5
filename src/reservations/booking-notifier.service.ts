import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { Subscription } from 'rxjs';
import { ShowRelay, ShowsService, toBooking } from '../shows/index.js';
import { BookingOrigins } from './booking-origins.js';

/** Tells a session of every change of its bookings, on all its sockets. */
@Injectable()
export class BookingNotifier implements OnModuleInit, OnModuleDestroy {
  private subscription: Subscription | null = null;

  constructor(
    private readonly shows: ShowsService,
    private readonly relay: ShowRelay,
    private readonly origins: BookingOrigins,
  ) {}

  onModuleInit(): void {
    this.subscription = this.shows.advances.subscribe((advance) => {
      for (const booking of advance.bookings) {
        const asker = booking.status === 'reserved' ? this.origins.get(booking.bookingId) : null;
        const payload = { booking: toBooking(advance.lane.terms, booking) };
        this.relay.tellSession(advance, booking.sessionId, 'booking:updated', payload, asker);
      }
    });
  }

  onModuleDestroy(): void {
    this.subscription?.unsubscribe();
  }
}
