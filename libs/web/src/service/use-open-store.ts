import { useMemo, useSyncExternalStore } from 'react';

/** A store of the SDK. The code that opens it must close it. */
interface Store<View> {
  readonly getSnapshot: () => View;
  readonly subscribe: (listener: () => void) => () => void;
  close(): void;
}

/** An open store and its current view. */
export interface OpenStore<View, S extends Store<View>> {
  readonly store: S;
  readonly view: View;
}

/**
 * Keeps a store open as long as the component is on the page. Returns null until the store is open.
 *
 * @param open opens the store; pass the same function as long as the same store is wanted
 */
export function useOpenStore<View, S extends Store<View>>(open: () => S & Store<View>): OpenStore<View, S> | null {
  const source = useMemo(() => createStoreSource<View, S>(open), [open]);
  return useSyncExternalStore(source.subscribe, source.getSnapshot);
}

/** Opens the store when React subscribes and closes it when React unsubscribes, so no store outlives its page. */
function createStoreSource<View, S extends Store<View>>(open: () => S & Store<View>) {
  let current: OpenStore<View, S> | null = null;
  return {
    getSnapshot: () => current,
    subscribe: (listener: () => void) => {
      const store = open();
      const update = () => {
        current = { store, view: store.getSnapshot() };
        listener();
      };
      const unsubscribe = store.subscribe(update);
      update();
      return () => {
        unsubscribe();
        store.close();
        current = null;
      };
    },
  };
}
