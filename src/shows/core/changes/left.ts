import type { LineName, QueueExpiredReason } from '@usher/contract';
import { type ChangeKind, noSeats, storedAsIs } from './change-kind.js';

/** A session no longer waits, or an offer or an admission that had ended its wait lapsed. */
export interface Left {
  readonly type: 'left';
  readonly line: LineName;
  /** The line ticket. */
  readonly ticket: number;
  /** The place at which the session waited; null in an open lobby, and if the session no longer waited. */
  readonly place: number | null;
  readonly sessionId: string;
  readonly kind: 'leave' | 'expire' | 'lapse';
  /** Null if the session chose to leave. */
  readonly reason: QueueExpiredReason | null;
}

export const left: ChangeKind<Left> = {
  seats: noSeats,
  apply(show, { line, ticket }) {
    show.leaveLine(line, ticket);
    return null;
  },
  chainLink: ({ line, kind, ticket }) => ({ line, kind, ticket }),
  addRows: (rows, { line, ticket, reason }) => rows.lines.leave(line, ticket, reason ?? 'left'),
  ...storedAsIs,
};
