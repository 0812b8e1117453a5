import type { ShowLogChange, ShowLogEntry } from '@usher/contract';
import { isLineChange, type LogEntry, seatsAfter, type ShowChange, touchesSeats } from '../shows/index.js';

/** A commit as those who administrate read it: without keys, receipts and seeds. */
export const toShowLogEntry = ({ seq, version, at, changes }: LogEntry): ShowLogEntry => ({
  seq,
  version,
  at: new Date(at).toISOString(),
  changes: changes.map(toChange),
});

function toChange(change: ShowChange): ShowLogChange {
  const { type } = change;
  const whom = subject(change);
  return {
    type,
    seats: touchesSeats(change) ? [...seatsAfter(change).seats] : null,
    bookingId: 'bookingId' in whom ? whom.bookingId : null,
    sessionId: 'sessionId' in whom ? whom.sessionId : null,
    status: 'status' in change ? change.status : null,
    line: isLineChange(change) ? lineOf(change) : null,
    ticket: 'ticket' in whom ? whom.ticket : null,
    reason: 'reason' in change ? (change.reason ?? null) : null,
    terms: type === 'termsChanged' ? { ...change.terms } : null,
    before: type === 'termsChanged' && change.before ? { ...change.before } : null,
    actor: 'by' in change ? (change.by ?? null) : null,
  };
}

/** The part of a change that says whom it is about. */
function subject(change: ShowChange) {
  switch (change.type) {
    case 'reserved':
      return change.booking;
    case 'joined':
      return change.waiter;
    case 'entered':
      return change.shopper;
    default:
      return change;
  }
}

function lineOf(change: Extract<ShowChange, Parameters<typeof isLineChange>[0]>): string | null {
  if (change.type === 'joined') return change.waiter.line;
  if ('line' in change) return change.line;
  return change.type === 'offered' ? 'seats' : 'entry';
}
