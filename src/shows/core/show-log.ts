import { type SeatChange, SeatStatus, seatStatusNames } from '@usher/contract';
import type { BookingRecord } from './booking-record.js';

/** One thing that happened to a show. Entries of the log hold these; folding them gives the show. */
export type ShowChange =
  | { readonly type: 'reserved'; readonly booking: BookingRecord }
  | {
      readonly type: 'ended';
      readonly bookingId: string;
      readonly status: 'expired' | 'released';
      /** Repeated from the booking, so that a diff can be told from the log alone. */
      readonly seats: readonly number[];
    };

/** One commit: a row of `show_log`. `seq` counts every commit, `version` those that changed a seat. */
export interface LogEntry {
  readonly seq: number;
  readonly version: number;
  /** Milliseconds since 1970 by the database's clock. */
  readonly at: number;
  readonly changes: readonly ShowChange[];
}

/** The status that each touched seat has after the changes, the last one winning. */
export function seatStatuses(changes: readonly ShowChange[]): Map<number, SeatStatus> {
  const statuses = new Map<number, SeatStatus>();
  for (const change of changes) {
    const [seats, status] =
      change.type === 'reserved' ? [change.booking.seats, SeatStatus.held] : [change.seats, SeatStatus.free];
    for (const seat of seats) statuses.set(seat, status);
  }
  return statuses;
}

/** The seats whose status differs between two states of a hall, with the later one's status. */
export function differingStatuses(earlier: Uint8Array, later: Uint8Array): Map<number, SeatStatus> {
  const statuses = new Map<number, SeatStatus>();
  for (const [seat, status] of later.entries()) {
    const name = seatStatusNames[status];
    if (name && status !== earlier[seat]) statuses.set(seat, SeatStatus[name]);
  }
  return statuses;
}

/** Seats' statuses in the wire's form: seats by status, without the statuses that have none. */
export function toSeatChange(version: number, statuses: ReadonlyMap<number, SeatStatus>): SeatChange {
  const change: SeatChange = { version };
  for (const [seat, status] of statuses) {
    (change[seatStatusNames[status]] ??= []).push(seat);
  }
  return change;
}
