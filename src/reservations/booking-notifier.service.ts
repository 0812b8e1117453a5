import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { Subscription } from 'rxjs';
import { ShowRelay, ShowsService, toBooking } from '../shows/index.js';

/**
 * Sends every change to a booking to all sockets of its session. The socket that made the booking does not get the new
 * booking a second time, because the answer to its call contains it.
 */
@Injectable()
export class BookingNotifier implements OnModuleInit, OnModuleDestroy {
  private subscription: Subscription | null = null;

  constructor(
    private readonly shows: ShowsService,
    private readonly relay: ShowRelay,
  ) {}

  onModuleInit(): void {
    this.subscription = this.shows.advances.subscribe((advance) => {
      for (const booking of advance.bookings) {
        const origin = booking.status === 'reserved' ? advance.origins.get(booking.bookingId) : undefined;
        const payload = { booking: toBooking(advance.lane.terms, booking) };
        this.relay.notifySession(advance, booking.sessionId, 'booking:updated', payload, origin?.socketId ?? null);
      }
    });
  }

  onModuleDestroy(): void {
    this.subscription?.unsubscribe();
  }
}
