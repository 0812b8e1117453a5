import type { LineName } from '@usher/contract';

/** A line at one moment, as one waiter sees it. */
export interface LineMoment {
  /** The version of the line. */
  readonly version: number;
  /** The number of waiters. */
  readonly waiting: number;
  /** The last line ticket that was given out. */
  readonly lastTicket: number;
  /** The number of waiters ahead of this one; null in an open lobby. */
  readonly ahead: number | null;
}

/** The place that the first request with an idempotency key got in a line. */
export interface KeyedPlace {
  readonly line: LineName;
  readonly lineTicket: number;
  readonly at: LineMoment;
}
