import type { UsedKey } from '../model/booking-record.js';
import type { KeyedPlace } from '../model/keyed-place.js';
import { type ChangeKind, noChainLink, noSeats, storedAsIs } from './change-kind.js';

/** A join came with an idempotency key and got this place as its answer. The line itself did not change. */
export interface KeyUsed extends KeyedPlace {
  readonly type: 'keyUsed';
  readonly sessionId: string;
  readonly usedKey: UsedKey;
}

export const keyUsed: ChangeKind<KeyUsed> = {
  seats: noSeats,
  apply(show, { sessionId, usedKey: { key, bodyHash }, line, ticket, at: lineMoment }, { at }) {
    const place = { line, ticket, at: lineMoment };
    show.rememberKey(sessionId, key, { bodyHash, bookingId: null, place, createdAt: at });
    return null;
  },
  chainLink: noChainLink,
  addRows: (rows, { sessionId, usedKey, line, ticket, at }) =>
    rows.lines.addKey({ sessionId, usedKey, line, ticket, at }),
  ...storedAsIs,
};
