import { type ChangeKind, noSeats, type StoredWithTicket } from './change-kind.js';

/**
 * The line for seats offered a hold to a waiter, who waits no longer. The change follows the one that makes the hold.
 */
export interface Offered {
  readonly type: 'offered';
  /** The line ticket. */
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
