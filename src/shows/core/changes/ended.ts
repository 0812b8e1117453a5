import { SeatStatus } from '@usher/contract';
import { type ChangeKind, noChainLink, storedAsIs } from './change-kind.js';

/** A hold ended unpaid, so its seats are free. */
export interface Ended {
  readonly type: 'ended';
  readonly bookingId: string;
  readonly status: 'expired' | 'released';
  /**
   * The seats of the booking. They are repeated here so that the log shows which seats changed without the bookings.
   */
  readonly seats: readonly number[];
}

export const ended: ChangeKind<Ended> = {
  seats: ({ seats }) => ({ seats, status: SeatStatus.free, bookingId: null }),
  apply: (show, { bookingId, status }, { version }) => show.endHold(bookingId, status, version),
  chainLink: noChainLink,
  addRows: (rows, { bookingId, status }, { version }) => rows.bookings.end(bookingId, status, version),
  ...storedAsIs,
};
