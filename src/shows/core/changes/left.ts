import type { LineName, QueueExpiredReason } from '@usher/contract';
import { type ChangeKind, noSeats, type StoredWithTicket } from './change-kind.js';

/** A session no longer waits, or an offer or an admission that had ended its wait lapsed. */
export interface Left {
  readonly type: 'left';
  readonly line: LineName;
  /** The line ticket. */
  readonly lineTicket: number;
  /** The place at which the session waited; null in an open lobby, and if the session no longer waited. */
  readonly place: number | null;
  readonly sessionId: string;
  readonly kind: 'leave' | 'expire' | 'lapse';
  /** Null if the session chose to leave. */
  readonly reason: QueueExpiredReason | null;
}

export type StoredLeft = StoredWithTicket<Left>;

export const left: ChangeKind<Left, StoredLeft> = {
  seats: noSeats,
  apply(show, { line, lineTicket }) {
    show.leaveLine(line, lineTicket);
    return null;
  },
  chainLink: ({ line, kind, lineTicket }) => ({ line, kind, lineTicket }),
  addRows: (rows, { line, lineTicket, reason }) => rows.lines.leave(line, lineTicket, reason ?? 'left'),
  toStored: ({ lineTicket, ...rest }) => ({ ...rest, ticket: lineTicket }),
  fromStored: ({ ticket, ...rest }) => ({ ...rest, lineTicket: ticket }),
};
