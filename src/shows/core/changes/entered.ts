import { internSource } from '../model/source.js';
import type { Stay } from '../model/waiter.js';
import { type ChangeKind, noSeats, type StoredWithTicket } from './change-kind.js';

/** A session's stay began in a show whose entry is metered. */
export interface Entered {
  readonly type: 'entered';
  readonly stay: Stay;
  /** The session's place in the line; null if it did not wait. */
  readonly place: number | null;
}

/** The stored form of {@link Entered}. `show_log` stores the stay as `shopper`. */
export interface StoredEntered extends Pick<Entered, 'type' | 'place'> {
  /** Its `source` is absent if it is null, and in entries of earlier releases. */
  readonly shopper: Omit<StoredWithTicket<Stay>, 'source'> & { readonly source?: string };
}

export const entered: ChangeKind<Entered, StoredEntered> = {
  seats: noSeats,
  apply(show, { stay }) {
    if (stay.lineTicket !== null) show.leaveLine('entry', stay.lineTicket);
    show.startStay(stay);
    return null;
  },
  // A session that came when nobody waited has no line ticket, because it was never in the line.
  chainLink: ({ stay: { lineTicket } }) => (lineTicket === null ? null : { line: 'entry', kind: 'admit', lineTicket }),
  addRows(rows, { stay }) {
    const { lineTicket, sessionId, until } = stay;
    rows.lines.startStay(stay);
    if (lineTicket === null) return;
    rows.lines.leave('entry', lineTicket, 'admitted');
    rows.lines.push({ type: 'queue:admitted', sessionId, bookingId: null, expiresAt: until });
  },
  toStored({ type, place, stay: { lineTicket, source, ...stay } }) {
    return { type, place, shopper: { ...stay, ticket: lineTicket, ...(source !== null && { source }) } };
  },
  fromStored({ type, place, shopper: { ticket, source = null, ...stay } }) {
    return { type, place, stay: { ...stay, lineTicket: ticket, source: internSource(source) } };
  },
};
