import { type ChangeKind, noChainLink, noSeats, storedAsIs } from './change-kind.js';

/** A session's stay ended in a show whose entry is metered. */
export interface StayEnded {
  readonly type: 'stayEnded';
  readonly sessionId: string;
}

export const stayEnded: ChangeKind<StayEnded> = {
  seats: noSeats,
  apply(show, { sessionId }) {
    show.endStay(sessionId);
    return null;
  },
  chainLink: noChainLink,
  addRows: (rows, { sessionId }) => rows.lines.endStay(sessionId),
  ...storedAsIs,
};
