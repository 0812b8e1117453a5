import type { Booking } from '@usher/contract';
import { useSyncExternalStore } from 'react';

const storageKey = 'usher.bookings';

/** Maximum number of remembered bookings. No buyer needs more. */
export const knownBookingsMax = 50;

/**
 * Returns true if the buyer may want to see the booking again: it is held or paid, or a payment or refund is pending.
 */
export const shouldRemember = ({ status, payment }: Booking): boolean =>
  status === 'reserved' || status === 'booked' || payment?.status === 'pending' || payment?.status === 'refunding';

/** Adds the ids of bookings to the known ids, newest first. Removes the ids of bookings that have ended. */
export function mergeBookings(known: readonly string[], bookings: readonly Booking[]): readonly string[] {
  const ended = new Set(bookings.filter((booking) => !shouldRemember(booking)).map(({ bookingId }) => bookingId));
  const added = bookings
    .filter(shouldRemember)
    .map(({ bookingId }) => bookingId)
    .filter((id) => !known.includes(id));
  const next = [...added, ...known.filter((id) => !ended.has(id))].slice(0, knownBookingsMax);
  return next.length === known.length && added.length === 0 ? known : next;
}

/** Reads booking ids from a stored text. Ignores everything that is not a string. */
export function parseBookingIds(stored: string | null): readonly string[] {
  try {
    const value: unknown = JSON.parse(stored ?? '[]');
    return Array.isArray(value) ? value.filter((id) => typeof id === 'string').slice(0, knownBookingsMax) : [];
  } catch {
    return [];
  }
}

let knownIds = readStoredIds() ?? [];
const listeners = new Set<() => void>();

/** Returns the stored ids, or null if the browser does not let this page store anything. */
function readStoredIds(): readonly string[] | null {
  try {
    return parseBookingIds(localStorage.getItem(storageKey));
  } catch {
    return null;
  }
}

function updateKnownIds(update: (before: readonly string[]) => readonly string[]): void {
  // Starts from the stored ids, because another tab may have stored new ids.
  const before = readStoredIds() ?? knownIds;
  const next = update(before);
  if (next !== before) storeIds(next);
  setKnownIds(next);
}

function storeIds(ids: readonly string[]): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify(ids));
  } catch {
    // The page still knows the ids until it is closed.
  }
}

function setKnownIds(ids: readonly string[]): void {
  if (ids.join() === knownIds.join()) return;
  knownIds = ids;
  for (const notify of listeners) notify();
}

/** Remembers bookings in this browser, because the service cannot list all bookings of a session. */
export const rememberBookings = (bookings: readonly Booking[]): void =>
  updateKnownIds((before) => mergeBookings(before, bookings));

/** Forgets bookings that no longer belong to this browser. */
export const forgetBookings = (ids: readonly string[]): void =>
  updateKnownIds((before) =>
    before.some((id) => ids.includes(id)) ? before.filter((id) => !ids.includes(id)) : before,
  );

/** Returns the ids of the bookings that this browser remembers, newest first. */
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

/** Returns the ids from {@link getKnownBookingIds} and renders the component again when these ids change. */
export const useKnownBookingIds = (): readonly string[] => useSyncExternalStore(subscribe, getKnownBookingIds);
