import type { BookingRecord } from '../core/model/booking-record.js';

/** A row with the columns of `bookingColumns`. */
export interface BookingRow extends Omit<BookingRecord, 'usedKey'> {
  readonly key: string | null;
  readonly bodyHash: string | null;
}

export function toBookingRecord({ key, bodyHash, ...columns }: BookingRow): BookingRecord {
  return { ...columns, usedKey: key !== null && bodyHash !== null ? { key, bodyHash } : null };
}
