import type { BookingView } from '@usher/client';
import { useCallback, useEffect } from 'react';
import { useOpenStore } from '../service/use-open-store.js';
import { useUsher } from '../service/usher-context.js';
import { rememberBookings } from './known-bookings.js';

/** Returns the live view of a booking as long as the component is on the page. Returns null until the view is open. */
export function useBooking(bookingId: string): BookingView | null {
  const usher = useUsher();
  const view = useOpenStore(useCallback(() => usher.openBooking(bookingId), [usher, bookingId]))?.view ?? null;
  const booking = view?.booking ?? null;
  useEffect(() => {
    if (booking !== null) rememberBookings([booking]);
  }, [booking]);
  return view;
}
