import { internSource } from '../model/source.js';
import type { Waiter } from '../model/waiter.js';
import { type ChangeKind, noSeats, type StoredWithTicket } from './change-kind.js';

/** A session joined a line. */
export interface Joined {
  readonly type: 'joined';
  readonly waiter: Waiter;
}

export interface StoredJoined {
  readonly type: 'joined';
  /** Its `source` is absent if it is null, and in entries of earlier releases. */
  readonly waiter: Omit<StoredWithTicket<Waiter>, 'source'> & { readonly source?: string };
}

export const joined: ChangeKind<Joined, StoredJoined> = {
  seats: noSeats,
  apply(show, { waiter }) {
    show.joinLine(waiter);
    return null;
  },
  chainLink: ({ waiter: { line, lineTicket } }) => ({ line, kind: 'join', lineTicket }),
  addRows: (rows, { waiter }) => rows.lines.join(waiter),
  toStored({ type, waiter: { lineTicket, source, ...waiter } }) {
    return { type, waiter: { ...waiter, ticket: lineTicket, ...(source !== null && { source }) } };
  },
  fromStored({ type, waiter: { ticket, source = null, ...waiter } }) {
    return { type, waiter: { ...waiter, lineTicket: ticket, source: internSource(source) } };
  },
};
