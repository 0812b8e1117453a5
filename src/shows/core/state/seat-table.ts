import { type SeatCounts, type SeatStatus, seatStatusNames } from '@usher/contract';

/** The status of every seat, and the number of seats with each status. */
interface SeatTable {
  readonly seats: Uint8Array;
  readonly counts: SeatCounts;
}

/** Changes the status of a seat and updates the counts. @throws Error if the hall has no such seat */
export function setSeatStatus({ seats, counts }: SeatTable, seat: number, status: SeatStatus): void {
  const before = seats[seat];
  if (before === undefined) throw new Error(`seat ${seat} is not in the hall`);
  counts[seatStatusNames[before]!]--;
  counts[seatStatusNames[status]]++;
  seats[seat] = status;
}
