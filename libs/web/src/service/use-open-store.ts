import { useMemo, useSyncExternalStore } from 'react';

/** A store of the SDK that whoever opened it closes. */
interface Store<View> {
  readonly getSnapshot: () => View;
  readonly subscribe: (listener: () => void) => () => void;
  close(): void;
}

/** A store that is open and what is known of it at this moment. */
export interface OpenStore<View, S extends Store<View>> {
  readonly store: S;
  readonly view: View;
}

/**
 * A store for as long as the component is on the page; null in the moment before it is opened.
 *
 * @param open opens it; the same function for as long as it is the same store
 */
export function useOpenStore<View, S extends Store<View>>(open: () => S & Store<View>): OpenStore<View, S> | null {
  const opened = useMemo(() => openOnSubscribe<View, S>(open), [open]);
  return useSyncExternalStore(opened.subscribe, opened.getSnapshot);
}

/** Opens the store with the first look and closes it with the last, so that nothing stays open behind a left page. */
function openOnSubscribe<View, S extends Store<View>>(open: () => S & Store<View>) {
  let current: OpenStore<View, S> | null = null;
  return {
    getSnapshot: () => current,
    subscribe: (listener: () => void) => {
      const store = open();
      const look = () => {
        current = { store, view: store.getSnapshot() };
        listener();
      };
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
