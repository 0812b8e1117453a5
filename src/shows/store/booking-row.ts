import type { BookingRecord } from '../core/model/booking-record.js';
import { internSource } from '../core/model/source.js';

/** A row with the columns of `bookingColumns`. */
export interface BookingRow extends Omit<BookingRecord, 'usedKey'> {
  readonly key: string | null;
  readonly bodyHash: string | null;
}

export function toBookingRecord({ key, bodyHash, source, ...columns }: BookingRow): BookingRecord {
  const usedKey = key !== null && bodyHash !== null ? { key, bodyHash } : null;
  return { ...columns, source: internSource(source), usedKey };
}
