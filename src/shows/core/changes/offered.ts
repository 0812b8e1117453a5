import { type ChangeKind, noSeats, type StoredWithTicket } from './change-kind.js';

/**
 * The line for seats offered a waiter a hold, so the waiter no longer waits. The change that makes the hold comes
 * before this one.
 */
export interface Offered {
  readonly type: 'offered';
  readonly lineTicket: number;
  readonly place: number | null;
  readonly sessionId: string;
  readonly bookingId: string;
}

export type StoredOffered = StoredWithTicket<Offered>;

export const offered: ChangeKind<Offered, StoredOffered> = {
  seats: noSeats,
  apply(show, { lineTicket }) {
    show.leaveLine('seats', lineTicket);
    return null;
  },
  chainLink: ({ lineTicket }) => ({ line: 'seats', kind: 'offer', lineTicket }),
  addRows(rows, { lineTicket, sessionId, bookingId }, { at }) {
    const expiresAt = rows.bookings.inserted(bookingId)?.firstExpiresAt ?? at;
    rows.lines.leave('seats', lineTicket, 'offered');
    rows.lines.push({ type: 'queue:offer', sessionId, bookingId, expiresAt });
  },
  toStored: ({ lineTicket, ...rest }) => ({ ...rest, ticket: lineTicket }),
  fromStored: ({ ticket, ...rest }) => ({ ...rest, lineTicket: ticket }),
};
