import type { ShowStore, ShowView } from '@usher/client';
import { useCallback, useEffect } from 'react';
import { rememberBookings } from '../bookings/known-bookings.js';
import { type OpenStore, useOpenStore } from '../service/use-open-store.js';
import { useUsher } from '../service/usher-context.js';

/** An open show and its current view. */
export type OpenShow = OpenStore<ShowView, ShowStore>;

/** Keeps a show open while the component is on the page. Returns null until the show is open. */
export function useShow(showId: number): OpenShow | null {
  const usher = useUsher();
  const open = useOpenStore<ShowView, ShowStore>(useCallback(() => usher.openShow(showId), [usher, showId]));
  const bookings = open?.view.bookings;
  useEffect(() => {
    if (bookings) rememberBookings(bookings);
  }, [bookings]);
  return open;
}
