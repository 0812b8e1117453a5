import type { ShowChange } from '../../src/shows/core/log/show-change.js';
import type { ShowCommit } from '../../src/shows/core/log/to-commit.js';
import { startAt } from './fixtures/small-show.js';

/** Describes a commit for the trace, one line per change. */
export const describeCommit = ({ showId, entry: { seq, at, changes } }: ShowCommit): string =>
  [`commit ${seq} of show ${showId} at ${at - startAt} ms:`, ...changes.map(describeChange)].join('\n    ');

function describeChange(change: ShowChange): string {
  switch (change.type) {
    case 'reserved': {
      const { bookingId, sessionId, seats, ticket } = change.booking;
      return `${sessionId} holds ${seats.join()} as ${bookingId}${ticket === null ? '' : ` for ticket ${ticket}`}`;
    }
    case 'joined': {
      const { line, ticket, place, sessionId, partySize, tiers, kind } = change.waiter;
      const wish = `${partySize} seats, tiers ${tiers?.join('+')}, kind ${kind}`;
      return `${sessionId} joins the ${line} line with ticket ${ticket}, place ${place}: ${wish}`;
    }
    case 'entered':
      return `${change.shopper.sessionId} enters with ticket ${change.shopper.ticket}`;
    default:
      return JSON.stringify(change);
  }
}
