import { SeatStatus } from '@usher/contract';
import type { StoredChange } from '../../../src/shows/core/log/show-change.js';
import type { LogRow } from '../tables.js';

/** The seats that a change gives another status. */
export function touched(change: StoredChange): { readonly seats: readonly number[]; readonly status: number } | null {
  if (change.type === 'reserved') return { seats: change.booking.seats, status: SeatStatus.held };
  if (change.type === 'ended') return { seats: change.seats, status: SeatStatus.free };
  return null;
}

/** The map of each version, from the log alone; the first is that of version 0. */
export function mapsByVersion(log: readonly LogRow[], seatCount: number): Uint8Array[] {
  const maps = [new Uint8Array(seatCount)];
  for (const { version, changes } of log) {
    if (version !== maps.length) continue;
    const map = maps.at(-1)!.slice();
    for (const change of changes) {
      const { seats, status } = touched(change) ?? { seats: [], status: 0 };
      for (const seat of seats) map[seat] = status;
    }
    maps.push(map);
  }
  return maps;
}
