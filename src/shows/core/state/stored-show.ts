import type { LineName } from '@usher/contract';
import type { Settlement } from '../commands/outcome.js';
import type { StoredLine } from '../line/line.js';
import type { BookingRecord } from '../model/booking-record.js';
import type { KeyUse } from '../model/key-use.js';
import type { Stay } from '../model/waiter.js';

/** What the tables store about one show at one moment. */
export interface StoredShow {
  readonly seq: number;
  /** The id of the last commit; 0 before the first commit. */
  readonly commitId: number;
  readonly version: number;
  /** The bookings that still hold seats: those with the status `reserved` or `booked`. */
  readonly liveBookings: readonly BookingRecord[];
  /** The blocked seats. No live booking has them. */
  readonly blocked: readonly number[];
  /** Uses of idempotency keys that are still remembered, oldest first. */
  readonly keys: readonly { readonly sessionId: string; readonly key: string; readonly use: KeyUse }[];
  readonly calledOff: boolean;
  /** Settled payments that no live booking mentions, because they got no seats or their seats were refunded. */
  readonly settled: readonly { readonly paymentId: string; readonly as: Settlement }[];
  readonly lines: Readonly<Record<LineName, StoredLine>>;
  /** The stays that have not ended, in a show whose entry is metered. */
  readonly stays: readonly Stay[];
  /** The times of the admissions within the last minute, oldest first. */
  readonly admissions: readonly number[];
}
