import type { LineName } from '@usher/contract';

/** How a line is for one waiter at one moment. */
export interface LineMoment {
  /** The line's. */
  readonly version: number;
  readonly waiting: number;
  readonly lastTicket: number;
  /** Null in an open lobby. */
  readonly ahead: number | null;
}

/** The place in line that an idempotency key was answered with. */
export interface KeyedPlace {
  readonly line: LineName;
  readonly ticket: number;
  readonly at: LineMoment;
}
