import { type SeatChange, SeatStatus, seatStatusNames } from '@usher/contract';
import { seatsAfter } from './change-kinds.js';
import type { ShowChange } from './show-change.js';

/** Returns the last status that the changes give to each seat. */
export function seatStatuses(changes: readonly ShowChange[]): Map<number, SeatStatus> {
  const statuses = new Map<number, SeatStatus>();
  for (const change of changes) {
    const assignment = seatsAfter(change);
    if (!assignment) continue;
    for (const seat of assignment.seats) statuses.set(seat, assignment.status);
  }
  return statuses;
}

/** Returns the seats whose status differs between two states of a hall, with the status of the later state. */
export function differingStatuses(earlier: Uint8Array, later: Uint8Array): Map<number, SeatStatus> {
  const statuses = new Map<number, SeatStatus>();
  for (const [seat, status] of later.entries()) {
    const name = seatStatusNames[status];
    if (name && status !== earlier[seat]) statuses.set(seat, SeatStatus[name]);
  }
  return statuses;
}

/** Returns the statuses in the wire format, which lists the seats of each status. */
export function toSeatChange(version: number, statuses: ReadonlyMap<number, SeatStatus>): SeatChange {
  const change: SeatChange = { version };
  for (const [seat, status] of statuses) {
    (change[seatStatusNames[status]] ??= []).push(seat);
  }
  return change;
}
