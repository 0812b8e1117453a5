import type { KeyedPlace } from './keyed-place.js';

/** How long an idempotency key is remembered. One day is usual among payment providers, so clients expect it. */
export const keyMemoryMs = 24 * 60 * 60 * 1000;

/** The result of the first command with an idempotency key: a booking, or a place in a line. */
export type KeyUse = { readonly bodyHash: string; readonly createdAt: number } & (
  { readonly bookingId: string; readonly place: null } | { readonly bookingId: null; readonly place: KeyedPlace }
);

/**
 * Returns the name under which an idempotency key of a session is stored. Session ids have no spaces, so two names
 * never collide.
 */
export const keyName = (sessionId: string, key: string): string => `${sessionId} ${key}`;
