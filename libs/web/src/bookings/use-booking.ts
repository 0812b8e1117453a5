import type { BookingView } from '@usher/client';
import { useCallback, useEffect } from 'react';
import { useOpenStore } from '../service/use-open-store.js';
import { useUsher } from '../service/usher-context.js';
import { rememberBookings } from './known-bookings.js';

/** Returns the live view of a booking while the component is on the page, or null until it is open. */
export function useBooking(bookingId: string): BookingView | null {
  const usher = useUsher();
  const view = useOpenStore(useCallback(() => usher.openBooking(bookingId), [usher, bookingId]))?.view ?? null;
  const booking = view?.booking ?? null;
  useEffect(() => {
    if (booking !== null) rememberBookings([booking]);
  }, [booking]);
  return view;
}
