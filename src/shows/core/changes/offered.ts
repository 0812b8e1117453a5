import { type ChangeKind, noSeats, storedAsIs } from './change-kind.js';

/**
 * The line for seats offered a hold to a waiter, who waits no longer. The change follows the one that makes the hold.
 */
export interface Offered {
  readonly type: 'offered';
  /** The line ticket. */
  readonly ticket: number;
  readonly place: number | null;
  readonly sessionId: string;
  readonly bookingId: string;
}

export const offered: ChangeKind<Offered> = {
  seats: noSeats,
  apply(show, { ticket }) {
    show.leaveLine('seats', ticket);
    return null;
  },
  chainLink: ({ ticket }) => ({ line: 'seats', kind: 'offer', ticket }),
  addRows(rows, { ticket, sessionId, bookingId }, { at }) {
    const expiresAt = rows.bookings.inserted(bookingId)?.firstExpiresAt ?? at;
    rows.lines.leave('seats', ticket, 'offered');
    rows.lines.push({ type: 'queue:offer', sessionId, bookingId, expiresAt });
  },
  ...storedAsIs,
};
