import { type Booking, type BookedSeat, toBookingCode } from '@usher/contract';
import type { BookingRecord } from '../core/model/booking-record.js';
import { refundsOf } from '../core/model/refund-terms.js';
import type { ShowTerms } from '../core/model/show-terms.js';

const iso = (ms: number): string => new Date(ms).toISOString();

/** Converts a booking to the form that clients receive, with labels and tiers from the layout of the show. */
export function toBooking(terms: ShowTerms, record: BookingRecord): Booking {
  const { showId, layout } = terms;
  const { bookingId, sessionId, status, currency, substituted, version } = record;
  const seats = record.seats.map((seat, index): BookedSeat => {
    const place = layout.seats[seat];
    if (!place) throw new Error(`booking ${bookingId} has seat ${seat}, which the layout does not contain`);
    return { seat, label: place.label, tier: place.tier, price: { amount: record.amounts[index] ?? 0, currency } };
  });
  const total = { amount: record.amounts.reduce((sum, amount) => sum + amount, 0), currency };
  const createdAt = iso(record.createdAt);
  const facts = {
    bookingId,
    code: toBookingCode(bookingId),
    showId,
    sessionId,
    seats,
    total,
    createdAt,
    substituted,
    version,
  };
  const refunds = refundsOf(record, terms);
  const common = {
    ...facts,
    ...(record.payment && { payment: { ...record.payment } }),
    refunds: refunds && { until: iso(refunds.until), feeAmount: refunds.feeAmount },
  };
  if (status === 'booked' || status === 'refunded') return { ...common, status, expiresAt: null };
  const expiresAt = record.expiresAt ?? record.firstExpiresAt;
  const isLonger = expiresAt > record.firstExpiresAt;
  return {
    ...common,
    status,
    expiresAt: iso(expiresAt),
    ...(isLonger && { holdEndsAt: iso(record.firstExpiresAt) }),
  };
}

/** Returns the booking as it was when it was made. A request that repeats the idempotency key gets this answer. */
export const asFirstAnswered = (record: BookingRecord): BookingRecord => ({
  ...record,
  status: 'reserved',
  expiresAt: record.firstExpiresAt,
  version: record.firstVersion,
  payment: null,
});
