import type { Booking } from '@usher/contract';
import { useSyncExternalStore } from 'react';

const storageKey = 'usher.bookings';

/** More than anybody comes back to. */
export const knownMost = 50;

/** Whether there is something to come back to: held, paid, or money that is on its way. */
export const isWorthKeeping = ({ status, payment }: Booking): boolean =>
  status === 'reserved' || status === 'booked' || payment?.status === 'pending' || payment?.status === 'refunding';

/** The ids after some bookings were heard of: newest first, without those that are over. */
export function withHeard(known: readonly string[], heard: readonly Booking[]): readonly string[] {
  const over = new Set(heard.filter((booking) => !isWorthKeeping(booking)).map(({ bookingId }) => bookingId));
  const added = heard.filter(isWorthKeeping).map(({ bookingId }) => bookingId);
  const fresh = added.filter((id) => !known.includes(id));
  const next = [...fresh, ...known.filter((id) => !over.has(id))].slice(0, knownMost);
  return next.length === known.length && fresh.length === 0 ? known : next;
}

/** What was kept, whatever somebody else has made of it. */
export function idsOf(kept: string | null): readonly string[] {
  try {
    const value: unknown = JSON.parse(kept ?? '[]');
    return Array.isArray(value) ? value.filter((id) => typeof id === 'string').slice(0, knownMost) : [];
  } catch {
    return [];
  }
}

let known = readKept() ?? [];
const listeners = new Set<() => void>();

/** Null where the browser keeps nothing for this page. */
function readKept(): readonly string[] | null {
  try {
    return idsOf(localStorage.getItem(storageKey));
  } catch {
    return null;
  }
}

function change(of: (before: readonly string[]) => readonly string[]): void {
  // Another tab may have heard of others meanwhile.
  const before = readKept() ?? known;
  const next = of(before);
  if (next !== before) keep(next);
  take(next);
}

function keep(ids: readonly string[]): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify(ids));
  } catch {
    // Then they are known for as long as the page is open.
  }
}

function take(ids: readonly string[]): void {
  if (ids.join() === known.join()) return;
  known = ids;
  for (const tell of listeners) tell();
}

/** Remembers bookings, in this browser: the service has no list of all that a session has. */
export const noteBookings = (heard: readonly Booking[]): void => change((before) => withHeard(before, heard));

/** Forgets bookings that are not this browser's any more. */
export const forgetBookings = (ids: readonly string[]): void =>
  change((before) => (before.some((id) => ids.includes(id)) ? before.filter((id) => !ids.includes(id)) : before));

/** The ids of the bookings that this browser has heard of, newest first. */
export const knownBookings = (): readonly string[] => known;

function subscribe(listener: () => void): () => void {
  const onStorage = ({ key }: StorageEvent) => {
    if (key === storageKey || key === null) take(readKept() ?? []);
  };
  listeners.add(listener);
  addEventListener('storage', onStorage);
  return () => {
    listeners.delete(listener);
    removeEventListener('storage', onStorage);
  };
}

/** {@link knownBookings}, always as they are now. */
export const useKnownBookings = (): readonly string[] => useSyncExternalStore(subscribe, knownBookings);
