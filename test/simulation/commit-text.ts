import type { ShowChange } from '../../src/shows/core/log/show-change.js';
import type { ShowCommit } from '../../src/shows/core/log/to-commit.js';
import { startAt } from './fixtures/small-show.js';

/** Describes a commit for the trace, one line per change. */
export const describeCommit = ({ showId, entry: { seq, at, changes } }: ShowCommit): string =>
  [`commit ${seq} of show ${showId} at ${at - startAt} ms:`, ...changes.map(describeChange)].join('\n    ');

function describeChange(change: ShowChange): string {
  switch (change.type) {
    case 'reserved': {
      const { bookingId, sessionId, seats, lineTicket } = change.booking;
      return `${sessionId} holds ${seats.join()} as ${bookingId}${lineTicket === null ? '' : ` for line ticket ${lineTicket}`}`;
    }
    case 'joined': {
      const { line, lineTicket, place, sessionId, partySize, tiers, kind } = change.waiter;
      const request = `${partySize} seats, tiers ${tiers?.join('+')}, kind ${kind}`;
      return `${sessionId} joins the ${line} line with line ticket ${lineTicket}, place ${place}: ${request}`;
    }
    case 'entered':
      return `${change.stay.sessionId} enters with line ticket ${change.stay.lineTicket}`;
    default:
      return JSON.stringify(change);
  }
}
