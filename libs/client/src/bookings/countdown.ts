import type { Booking } from '@usher/contract';

/**
 * Returns the number of seconds until a hold ends.
 *
 * @param booking the hold
 * @param serverNowMs the result of {@link Usher.serverNow}
 * @returns whole seconds, rounded up, so that 0 means that the hold has ended. Null if the booking is not held
 */
export function secondsLeft(booking: Booking, serverNowMs: number): number | null {
  return booking.status === 'reserved' ? secondsUntil(booking.expiresAt, serverNowMs) : null;
}

/**
 * Returns the number of seconds until a given time on the server's clock.
 *
 * @param instant an ISO-8601 time
 * @param serverNowMs the result of {@link Usher.serverNow}
 * @returns whole seconds, rounded up, so that 0 means that the time has come. Never negative
 */
export const secondsUntil = (instant: string, serverNowMs: number): number =>
  Math.max(0, Math.ceil((Date.parse(instant) - serverNowMs) / 1000));
