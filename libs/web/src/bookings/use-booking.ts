import type { BookingView } from '@usher/client';
import { useCallback, useEffect } from 'react';
import { useOpenStore } from '../service/use-open-store.js';
import { useUsher } from '../service/usher-context.js';
import { rememberBookings } from './known-bookings.js';

/** A booking, followed for as long as the component is on the page; null in the moment before it is opened. */
export function useBooking(bookingId: string): BookingView | null {
  const usher = useUsher();
  const view = useOpenStore(useCallback(() => usher.openBooking(bookingId), [usher, bookingId]))?.view ?? null;
  const booking = view?.booking ?? null;
  useEffect(() => {
    if (booking !== null) rememberBookings([booking]);
  }, [booking]);
  return view;
}
