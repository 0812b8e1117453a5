import type { LineName } from '@usher/contract';

/** A line at one moment, as one waiter sees it. */
export interface LineMoment {
  /** The version of the line. */
  readonly version: number;
  /** The number of waiters. */
  readonly waiting: number;
  /** The last line ticket that was given out. */
  readonly lastTicket: number;
  /** The number of waiters before this one; null in an open lobby. */
  readonly ahead: number | null;
}

/** The place that the first join with an idempotency key got. */
export interface KeyedPlace {
  readonly line: LineName;
  /** The line ticket. */
  readonly lineTicket: number;
  readonly at: LineMoment;
}
