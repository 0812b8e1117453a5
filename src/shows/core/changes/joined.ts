import type { Waiter } from '../model/waiter.js';
import { type ChangeKind, noSeats, type StoredWithTicket } from './change-kind.js';

/** A session joined a line. */
export interface Joined {
  readonly type: 'joined';
  readonly waiter: Waiter;
}

export interface StoredJoined {
  readonly type: 'joined';
  readonly waiter: StoredWithTicket<Waiter>;
}

export const joined: ChangeKind<Joined, StoredJoined> = {
  seats: noSeats,
  apply(show, { waiter }) {
    show.joinLine(waiter);
    return null;
  },
  chainLink: ({ waiter: { line, lineTicket } }) => ({ line, kind: 'join', lineTicket }),
  addRows: (rows, { waiter }) => rows.lines.join(waiter),
  toStored({ type, waiter: { lineTicket, ...waiter } }) {
    return { type, waiter: { ...waiter, ticket: lineTicket } };
  },
  fromStored({ type, waiter: { ticket, ...waiter } }) {
    return { type, waiter: { ...waiter, lineTicket: ticket } };
  },
};
