import type { GateStorage } from '@usher/client';
import { createStore, get, set } from 'idb-keyval';

const store = createStore('usher-gate', 'kept');

/** Stores the data of a gate in the browser's database, which has space for the ticket list of any hall. */
export const gateStorage: GateStorage = {
  get: (name) => get(name, store),
  set: (name, value) => set(name, value, store),
};
