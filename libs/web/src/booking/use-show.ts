import type { ShowStore, ShowView } from '@usher/client';
import { useCallback, useEffect } from 'react';
import { type Opened, useOpenStore } from '../ui/use-open-store.js';
import { useUsher } from '../usher.js';
import { noteBookings } from './known-bookings.js';

/** An open show and what is known of it at this moment. */
export type OpenShow = Opened<ShowView, ShowStore>;

/** A show's live map for as long as the component is on the page; null in the moment before it is opened. */
export function useShow(showId: number): OpenShow | null {
  const usher = useUsher();
  const open = useOpenStore<ShowView, ShowStore>(useCallback(() => usher.openShow(showId), [usher, showId]));
  const bookings = open?.view.bookings;
  useEffect(() => {
    if (bookings) noteBookings(bookings);
  }, [bookings]);
  return open;
}
