import type { Booking } from '@usher/contract';
import { useSyncExternalStore } from 'react';

const storageKey = 'usher.bookings';

/** More than anybody comes back to. */
export const knownBookingsMax = 50;

/** Whether there is something to come back to: held, paid, or money that is on its way. */
export const shouldRemember = ({ status, payment }: Booking): boolean =>
  status === 'reserved' || status === 'booked' || payment?.status === 'pending' || payment?.status === 'refunding';

/** The ids after some bookings were heard of: newest first, without those that are over. */
export function mergeBookings(known: readonly string[], heard: readonly Booking[]): readonly string[] {
  const over = new Set(heard.filter((booking) => !shouldRemember(booking)).map(({ bookingId }) => bookingId));
  const added = heard.filter(shouldRemember).map(({ bookingId }) => bookingId);
  const fresh = added.filter((id) => !known.includes(id));
  const next = [...fresh, ...known.filter((id) => !over.has(id))].slice(0, knownBookingsMax);
  return next.length === known.length && fresh.length === 0 ? known : next;
}

/** What was kept, whatever somebody else has made of it. */
export function parseBookingIds(kept: string | null): readonly string[] {
  try {
    const value: unknown = JSON.parse(kept ?? '[]');
    return Array.isArray(value) ? value.filter((id) => typeof id === 'string').slice(0, knownBookingsMax) : [];
  } catch {
    return [];
  }
}

let knownIds = readStoredIds() ?? [];
const listeners = new Set<() => void>();

/** Null where the browser keeps nothing for this page. */
function readStoredIds(): readonly string[] | null {
  try {
    return parseBookingIds(localStorage.getItem(storageKey));
  } catch {
    return null;
  }
}

function updateKnownIds(of: (before: readonly string[]) => readonly string[]): void {
  // Another tab may have heard of others meanwhile.
  const before = readStoredIds() ?? knownIds;
  const next = of(before);
  if (next !== before) storeIds(next);
  setKnownIds(next);
}

function storeIds(ids: readonly string[]): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify(ids));
  } catch {
    // Then they are known for as long as the page is open.
  }
}

function setKnownIds(ids: readonly string[]): void {
  if (ids.join() === knownIds.join()) return;
  knownIds = ids;
  for (const tell of listeners) tell();
}

/** Remembers bookings, in this browser: the service has no list of all that a session has. */
export const rememberBookings = (heard: readonly Booking[]): void =>
  updateKnownIds((before) => mergeBookings(before, heard));

/** Forgets bookings that are not this browser's any more. */
export const forgetBookings = (ids: readonly string[]): void =>
  updateKnownIds((before) =>
    before.some((id) => ids.includes(id)) ? before.filter((id) => !ids.includes(id)) : before,
  );

/** The ids of the bookings that this browser has heard of, newest first. */
export const getKnownBookingIds = (): readonly string[] => knownIds;

function subscribe(listener: () => void): () => void {
  const onStorage = ({ key }: StorageEvent) => {
    if (key === storageKey || key === null) setKnownIds(readStoredIds() ?? []);
  };
  listeners.add(listener);
  addEventListener('storage', onStorage);
  return () => {
    listeners.delete(listener);
    removeEventListener('storage', onStorage);
  };
}

/** {@link getKnownBookingIds}, always as they are now. */
export const useKnownBookingIds = (): readonly string[] => useSyncExternalStore(subscribe, getKnownBookingIds);
