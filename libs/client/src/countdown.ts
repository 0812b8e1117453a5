import type { Booking } from '@usher/contract';

/**
 * Whole seconds until a hold ends, rounded up so that 0 means over.
 *
 * @param booking the hold
 * @param serverNowMs {@link Usher.serverNow}
 * @returns 0 or more; null when the booking is not held, so nothing runs out
 */
export function secondsLeft(booking: Booking, serverNowMs: number): number | null {
  if (booking.status !== 'reserved') return null;
  return Math.max(0, Math.ceil((Date.parse(booking.expiresAt) - serverNowMs) / 1000));
}
