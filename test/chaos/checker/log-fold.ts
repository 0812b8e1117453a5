import { SeatStatus } from '@usher/contract';
import type { StoredChange } from '../../../src/shows/core/log/show-change.js';
import type { LogRow } from '../tables.js';

/** Returns the seats to which a change gives a new status, and that status. Returns null if it changes no seat. */
export function readSeatChange(
  change: StoredChange,
): { readonly seats: readonly number[]; readonly status: number } | null {
  if (change.type === 'reserved') return { seats: change.booking.seats, status: SeatStatus.held };
  if (change.type === 'ended') return { seats: change.seats, status: SeatStatus.free };
  return null;
}

/** Rebuilds the seat map of every version from the log. Returns one map per version, starting with version 0. */
export function foldMaps(log: readonly LogRow[], seatCount: number): Uint8Array[] {
  const maps = [new Uint8Array(seatCount)];
  for (const { version, changes } of log) {
    if (version !== maps.length) continue;
    const map = maps.at(-1)!.slice();
    for (const change of changes) {
      const { seats, status } = readSeatChange(change) ?? { seats: [], status: 0 };
      for (const seat of seats) map[seat] = status;
    }
    maps.push(map);
  }
  return maps;
}
