import type { UsedKey } from '../model/booking-record.js';
import type { KeyedPlace } from '../model/keyed-place.js';
import { type ChangeKind, noChainLink, noSeats, type StoredWithTicket } from './change-kind.js';

/**
 * A request to join a line came with a new idempotency key and was answered with this place. The change itself adds
 * nobody to the line.
 */
export interface KeyUsed extends KeyedPlace {
  readonly type: 'keyUsed';
  readonly sessionId: string;
  readonly usedKey: UsedKey;
}

export type StoredKeyUsed = StoredWithTicket<KeyUsed>;

export const keyUsed: ChangeKind<KeyUsed, StoredKeyUsed> = {
  seats: noSeats,
  apply(show, { sessionId, usedKey: { key, bodyHash }, line, lineTicket, at: lineMoment }, { at }) {
    const place = { line, lineTicket, at: lineMoment };
    show.rememberKey(sessionId, key, { bodyHash, bookingId: null, place, createdAt: at });
    return null;
  },
  chainLink: noChainLink,
  addRows: (rows, { sessionId, usedKey, line, lineTicket, at }) =>
    rows.lines.addKey({ sessionId, usedKey, line, lineTicket, at }),
  toStored: ({ lineTicket, ...rest }) => ({ ...rest, ticket: lineTicket }),
  fromStored: ({ ticket, ...rest }) => ({ ...rest, lineTicket: ticket }),
};
