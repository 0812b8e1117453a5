import type { Waiter } from '../model/waiter.js';
import { type ChangeKind, noSeats, storedAsIs } from './change-kind.js';

/** A session joined a line. */
export interface Joined {
  readonly type: 'joined';
  readonly waiter: Waiter;
}

export const joined: ChangeKind<Joined> = {
  seats: noSeats,
  apply(show, { waiter }) {
    show.joinLine(waiter);
    return null;
  },
  chainLink: ({ waiter: { line, ticket } }) => ({ line, kind: 'join', ticket }),
  addRows: (rows, { waiter }) => rows.lines.join(waiter),
  ...storedAsIs,
};
