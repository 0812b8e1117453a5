import type { ShowLogChange, ShowLogEntry } from '@usher/contract';
import { type ChangeOf, type ChangeType, type LogEntry, seatsAfter, type ShowChange } from '../shows/index.js';

/** The fields of a logged change that only some types of change have. A field that is left out is null on the wire. */
type Details = Partial<Omit<ShowLogChange, 'type' | 'seats'>>;

const noDetails: Required<Details> = {
  bookingId: null,
  sessionId: null,
  status: null,
  line: null,
  ticket: null,
  reason: null,
  terms: null,
  before: null,
  actor: null,
};

/**
 * For each type of change, a function that returns its details. Keys, receipts and seeds are secrets, so they are left
 * out.
 */
const describe: { readonly [Type in ChangeType]: (change: ChangeOf<Type>) => Details } = {
  reserved: ({ booking: { bookingId, sessionId, lineTicket: ticket } }) => ({ bookingId, sessionId, ticket }),
  ended: ({ bookingId, status }) => ({ bookingId, status }),
  blocked: (change) => staffDetails(change),
  unblocked: (change) => staffDetails(change),
  calledOff: (change) => staffDetails(change),
  termsChanged: ({ terms, before, ...change }) => ({
    ...staffDetails(change),
    terms: { ...terms },
    before: before ? { ...before } : null,
  }),
  paying: () => ({}),
  marked: () => ({}),
  booked: () => ({}),
  refunded: () => ({}),
  returned: () => ({}),
  joined: ({ waiter: { line, lineTicket: ticket, sessionId } }) => ({ line, ticket, sessionId }),
  challengePassed: ({ lineTicket: ticket }) => ({ line: 'seats', ticket }),
  left: ({ line, lineTicket: ticket, sessionId, reason }) => ({ line, ticket, sessionId, reason }),
  offered: ({ lineTicket: ticket, sessionId, bookingId }) => ({ line: 'seats', ticket, sessionId, bookingId }),
  entered: ({ stay: { lineTicket: ticket, sessionId } }) => ({ line: 'entry', ticket, sessionId }),
  stayEnded: ({ sessionId }) => ({ line: 'entry', sessionId }),
  keyUsed: ({ line, lineTicket: ticket, sessionId }) => ({ line, ticket, sessionId }),
  shuffled: () => ({ line: 'entry' }),
};

/** Converts a commit to the form that staff read. */
export const toShowLogEntry = ({ seq, version, at, changes }: LogEntry): ShowLogEntry => ({
  seq,
  version,
  at: new Date(at).toISOString(),
  changes: changes.map((change) => toLogChange(change.type, change)),
});

function toLogChange<Type extends ChangeType>(type: Type, change: ChangeOf<Type> & ShowChange): ShowLogChange {
  const seats = seatsAfter(change)?.seats;
  return { type, seats: seats ? [...seats] : null, ...noDetails, ...describe[type](change) };
}

const staffDetails = ({ reason = null, by = null }: Pick<ChangeOf<'blocked'>, 'reason' | 'by'>): Details => ({
  reason,
  actor: by,
});
