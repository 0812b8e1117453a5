import { SetMetadata } from '@nestjs/common';

/**
 * The points that a call of each kind takes from the budgets of its caller, in addition to the point of every call. One
 * point is about 0.5 ms of CPU time in the service and in PostgreSQL together, because a cheap call, such as a new session
 * or a page that does not exist, takes 0.3 to 0.6 ms. The comments name the CPU time of one call, as
 * `npm run bench:floods -- --costs true` measured it on a catalog of 100,000 shows.
 */
export const callCosts = {
  /**
   * 1.5 to 3 ms for 100 entries. The cost is lower, because equal listings share a reading, and because thousands of
   * viewers behind one address of a mobile carrier read listings without a session.
   */
  listing: 2,
  /** 8 to 14 ms for a page of 1,000 entries. */
  proof: 20,
  /** 2 to 16 ms. The widest search sorts all movies of a large area by title. */
  search: 10,
  /** 4 ms of PostgreSQL, in addition to the search. It looks for words that are similar to a misspelt one. */
  correction: 10,
  /** 2 ms to read an envelope of 16 KB and to write the answer, in addition to the operation. */
  soap: 5,
  /** 3 ms. Reads nine tables. */
  sessionData: 6,
  /** 60 ms for ten tickets, on a thread of its own with a low priority. */
  document: 20,
  /** 25 ms for 2,000 seats, most of it on a thread of its own with a low priority. The cost is lower, because only administrators upload layouts. */
  layoutUpload: 20,
  /** 120 ms for 20,000 entries. A node writes one export at a time. */
  auditExport: 20,
} as const;

export type CallKind = keyof typeof callCosts;

/**
 * Bytes of a request's body that cost one point. To read and check 100 KB of JSON takes 14 to 18 ms if it is a list of
 * empty objects, and 1 ms if it is a long text, also if the call is refused then.
 */
export const bodyBytesPerPoint = 3 * 1024;

/** The key of the metadata in which {@link CallCost} stores the kind of a handler's calls. */
export const callKindKey = 'usher:callKind';

/** States what the calls of a handler cost. `CallGate` takes these points from the budgets of the caller. */
export const CallCost = (kind: CallKind) => SetMetadata(callKindKey, kind);
