import type { Booking } from '@usher/contract';

/**
 * Whole seconds until a hold ends, rounded up so that 0 means over.
 *
 * @param booking the hold
 * @param serverNowMs {@link Usher.serverNow}
 * @returns 0 or more; null when the booking is not held, so nothing runs out
 */
export function secondsLeft(booking: Booking, serverNowMs: number): number | null {
  return booking.status === 'reserved' ? secondsUntil(booking.expiresAt, serverNowMs) : null;
}

/** Whole seconds until an instant of the server's, rounded up so that 0 means over; never less. */
export const secondsUntil = (instant: string, serverNowMs: number): number =>
  Math.max(0, Math.ceil((Date.parse(instant) - serverNowMs) / 1000));
