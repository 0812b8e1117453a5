import { Injectable } from '@nestjs/common';

/** Which socket asked for a booking that is being made: it is answered, and need not be told as well. */
@Injectable()
export class BookingOrigins {
  private readonly sockets = new Map<string, string>();

  set(bookingId: string, socketId: string | null): void {
    if (socketId !== null) this.sockets.set(bookingId, socketId);
  }

  get(bookingId: string): string | null {
    return this.sockets.get(bookingId) ?? null;
  }

  delete(bookingId: string): void {
    this.sockets.delete(bookingId);
  }
}
