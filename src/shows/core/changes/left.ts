import type { LineName, QueueExpiredReason } from '@usher/contract';
import { type ChangeKind, noSeats, type StoredWithTicket } from './change-kind.js';

/** A session stopped waiting, or the offer or the admission that had ended its wait lapsed. */
export interface Left {
  readonly type: 'left';
  readonly line: LineName;
  readonly lineTicket: number;
  /** The session's place in the line. Null in an open lobby, or if the session had already stopped waiting. */
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
