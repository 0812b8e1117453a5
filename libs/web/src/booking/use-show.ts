import type { ShowStore, ShowView } from '@usher/client';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { useUsher } from '../usher.js';

/** A show's live map for as long as the component is on the page; null in the moment before it is opened. */
export function useShowStore(showId: number): ShowStore | null {
  const usher = useUsher();
  const [store, setStore] = useState<ShowStore | null>(null);
  useEffect(() => {
    const opened = usher.openShow(showId);
    // Whoever could not open it reads so in the view's `error`.
    opened.ready.catch(() => undefined);
    setStore(opened);
    return () => opened.close();
  }, [usher, showId]);
  return store;
}

/** What is known of the show at this moment. */
export const useShowView = (store: ShowStore): ShowView => useSyncExternalStore(store.subscribe, store.getSnapshot);
