import { type SeatCounts, SeatStatus, seatStatusNames } from '@usher/contract';
import type { SeatAssignment } from '../state/editable-show.js';
import type { SeatRow, SeatRowChanges } from './show-commit.js';

/** Collects the rows of `show_seat` that one commit changes. */
export class SeatRows {
  private readonly after = new Map<number, Omit<SeatRow, 'seat'>>();

  /** @param before the status of each seat before the commit */
  constructor(private readonly before: Uint8Array) {}

  /** A later assignment in the same commit replaces an earlier one. */
  assign({ seats, status, bookingId }: SeatAssignment): void {
    const row = { status, bookingId };
    for (const seat of seats) this.after.set(seat, row);
  }

  changes(): SeatRowChanges {
    const changes = { inserted: [] as SeatRow[], updated: [] as SeatRow[], deleted: [] as number[] };
    for (const [seat, { status, bookingId }] of this.after) {
      const hadRow = this.before[seat] !== SeatStatus.free;
      if (status !== SeatStatus.free) (hadRow ? changes.updated : changes.inserted).push({ seat, status, bookingId });
      else if (hadRow) changes.deleted.push(seat);
    }
    return changes;
  }

  countsAfter(countsBefore: SeatCounts): SeatCounts {
    const counts = { ...countsBefore };
    for (const [seat, { status }] of this.after) {
      counts[seatStatusNames[this.before[seat]!]!]--;
      counts[seatStatusNames[status]!]++;
    }
    return counts;
  }
}
