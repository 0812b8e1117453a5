import type { BookingRecord } from '../model/booking-record.js';
import type { ShowState } from '../state/show-state.js';
import { applyChange } from './change-kinds.js';
import type { LogEntry } from './log-entry.js';

/**
 * Applies one commit to the state. It may be a commit of this node, or one of another node that this node catches up
 * on.
 *
 * @returns the bookings that the commit made or changed, in their form right after each change
 * @throws Error if the entry does not fit the state. Part of the entry may then have been applied.
 */
export function applyEntry(state: ShowState, entry: LogEntry): BookingRecord[] {
  if (entry.seq !== state.seq + 1) throw new Error(`log entry ${entry.seq} does not follow ${state.seq}`);
  const bookings: BookingRecord[] = [];
  for (const change of entry.changes) {
    const booking = applyChange(state, change, entry);
    if (booking) bookings.push(booking);
  }
  state.seq = entry.seq;
  state.commitId = entry.commitId;
  state.version = entry.version;
  return bookings;
}
