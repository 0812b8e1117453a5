import type { GateStorage } from '@usher/client';
import { createStore, get, set } from 'idb-keyval';

const store = createStore('usher-gate', 'kept');

/** Keeps what a gate must not forget in the browser's database, which has room for the list of any hall. */
export const gateStorage: GateStorage = {
  get: (name) => get(name, store),
  set: (name, value) => set(name, value, store),
};
