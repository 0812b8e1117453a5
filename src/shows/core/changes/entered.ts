import type { Shopper } from '../model/waiter.js';
import { type ChangeKind, noSeats, storedAsIs } from './change-kind.js';

/** A session's stay began in a show whose entry is metered. */
export interface Entered {
  readonly type: 'entered';
  /** The stay. The log stores it under this name. */
  readonly shopper: Shopper;
  /** The place at which the session waited; null if it did not wait. */
  readonly place: number | null;
}

export const entered: ChangeKind<Entered> = {
  seats: noSeats,
  apply(show, { shopper: stay }) {
    if (stay.ticket !== null) show.leaveLine('entry', stay.ticket);
    show.startStay(stay);
    return null;
  },
  // A session that came while nobody waited was in no line.
  chainLink: ({ shopper: { ticket } }) => (ticket === null ? null : { line: 'entry', kind: 'admit', ticket }),
  addRows(rows, { shopper: stay }) {
    const { ticket, sessionId, until } = stay;
    rows.lines.startStay(stay);
    if (ticket === null) return;
    rows.lines.leave('entry', ticket, 'admitted');
    rows.lines.push({ type: 'queue:admitted', sessionId, bookingId: null, expiresAt: until });
  },
  ...storedAsIs,
};
