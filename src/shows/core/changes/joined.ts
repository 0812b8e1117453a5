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
  /**
   * In entries of earlier releases, `source` and `hasPassedChallenge` are absent. `source` is also absent if it is null, and
   * `hasPassedChallenge` if it is false.
   */
  readonly waiter: Omit<StoredWithTicket<Waiter>, 'source' | 'hasPassedChallenge'> & {
    readonly source?: string;
    readonly hasPassedChallenge?: true;
  };
}

export const joined: ChangeKind<Joined, StoredJoined> = {
  seats: noSeats,
  apply(show, { waiter }) {
    show.joinLine(waiter);
    return null;
  },
  chainLink: ({ waiter: { line, lineTicket } }) => ({ line, kind: 'join', lineTicket }),
  addRows: (rows, { waiter }) => rows.lines.join(waiter),
  toStored({ type, waiter: { lineTicket, source, hasPassedChallenge, ...waiter } }) {
    const optional = { ...(source !== null && { source }), ...(hasPassedChallenge && { hasPassedChallenge }) };
    return { type, waiter: { ...waiter, ticket: lineTicket, ...optional } };
  },
  fromStored({ type, waiter: { ticket, source = null, hasPassedChallenge = false, ...waiter } }) {
    return { type, waiter: { ...waiter, lineTicket: ticket, source: internSource(source), hasPassedChallenge } };
  },
};
