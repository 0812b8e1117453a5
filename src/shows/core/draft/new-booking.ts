import type { BookingRecord } from '../model/booking-record.js';
import { refundTermsOf } from '../model/refund-terms.js';
import type { ShowTerms } from '../model/show-terms.js';

/** What a booking is made of, beside the show's terms. */
export type BookingFacts = Pick<
  BookingRecord,
  'bookingId' | 'sessionId' | 'seats' | 'substituted' | 'usedKey' | 'ticket' | 'version'
>;

/** A booking that begins now: held for the hold's time, at today's prices and refund rule. */
export function newBooking(terms: ShowTerms, facts: BookingFacts, now: number): BookingRecord {
  const expiresAt = now + terms.holdMs;
  return {
    ...facts,
    status: 'reserved',
    amounts: facts.seats.map((seat) => priceOf(terms, seat)),
    currency: terms.currency,
    createdAt: now,
    expiresAt,
    firstExpiresAt: expiresAt,
    firstVersion: facts.version,
    payment: null,
    refundTerms: refundTermsOf(terms),
  };
}

function priceOf(terms: ShowTerms, seat: number): number {
  const tier = terms.layout.seats[seat]?.tier ?? '';
  const price = terms.prices[tier];
  if (price === undefined) throw new Error(`tier ${tier} of show ${terms.showId} has no price`);
  return price;
}
