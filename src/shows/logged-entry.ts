import type { BookingRecord } from './core/booking-record.js';
import type { LogEntry, ShowChange } from './core/show-log.js';

/** What a new booking has beyond what its log entry says of it: its time and its version are the entry's. */
type LoggedBooking = Pick<
  BookingRecord,
  'bookingId' | 'sessionId' | 'seats' | 'amounts' | 'currency' | 'substituted' | 'usedKey'
> & { readonly expiresAt: number; readonly ticket?: number };

/** A change as a row of `show_log` has it. Half the size of {@link ShowChange}: it is written with every reservation. */
export type LoggedChange =
  { readonly type: 'reserved'; readonly booking: LoggedBooking } | Exclude<ShowChange, { type: 'reserved' }>;

/** A row of `show_log`. */
export interface LogRow extends Omit<LogEntry, 'changes'> {
  readonly changes: readonly LoggedChange[];
}

export function toLogged({ changes }: LogEntry): LoggedChange[] {
  return changes.map((change) => {
    if (change.type !== 'reserved') return change;
    const { bookingId, sessionId, seats, amounts, currency, substituted, usedKey, firstExpiresAt, ticket } =
      change.booking;
    const booking = { bookingId, sessionId, seats, amounts, currency, substituted, usedKey, expiresAt: firstExpiresAt };
    return { type: 'reserved', booking: ticket === null ? booking : { ...booking, ticket } };
  });
}

export function fromLogged(row: LogRow): LogEntry {
  const { seq, commitId, version, at } = row;
  const changes = row.changes.map((change): ShowChange => {
    if (change.type !== 'reserved') return change;
    const { bookingId, sessionId, seats, amounts, currency, substituted, usedKey, expiresAt } = change.booking;
    const ticket = change.booking.ticket ?? null;
    const known = { bookingId, sessionId, seats, amounts, currency, substituted, usedKey, expiresAt, ticket };
    const made = { createdAt: at, firstExpiresAt: expiresAt, firstVersion: version, version };
    return { type: 'reserved', booking: { ...known, ...made, status: 'reserved', payment: null } };
  });
  return { seq, commitId, version, at, changes };
}
