import type { ShowStore, ShowView, Usher } from '@usher/client';
import { useMemo, useSyncExternalStore } from 'react';
import { useUsher } from '../usher.js';

/** An open show and what is known of it at this moment. */
export interface OpenShow {
  readonly store: ShowStore;
  readonly view: ShowView;
}

/** A show's live map for as long as the component is on the page; null in the moment before it is opened. */
export function useShow(showId: number): OpenShow | null {
  const usher = useUsher();
  const show = useMemo(() => openOnSubscribe(usher, showId), [usher, showId]);
  return useSyncExternalStore(show.subscribe, show.getSnapshot);
}

/** Opens the show with the first look and closes it with the last, so that nothing stays open behind a left page. */
function openOnSubscribe(usher: Usher, showId: number) {
  let current: OpenShow | null = null;
  return {
    getSnapshot: () => current,
    subscribe: (listener: () => void) => {
      const store = usher.openShow(showId);
      const look = () => {
        current = { store, view: store.getSnapshot() };
        listener();
      };
      // Whoever could not open it reads so in the view's `error`.
      store.ready.catch(() => undefined);
      const unsubscribe = store.subscribe(look);
      look();
      return () => {
        unsubscribe();
        store.close();
        current = null;
      };
    },
  };
}
