import type { BookingRecord } from '../model/booking-record.js';
import { refundTermsOf } from '../model/refund-terms.js';
import type { ShowTerms } from '../model/show-terms.js';
import type { Draft } from './draft.js';

/** The fields of a new booking that do not follow from the show. */
type BookingFacts = Pick<
  BookingRecord,
  'bookingId' | 'sessionId' | 'source' | 'seats' | 'substituted' | 'usedKey' | 'lineTicket'
>;

/** Returns a hold that begins now, at the current prices and with the current refund rule. */
export function newBooking({ terms, now, nextVersion }: Draft, facts: BookingFacts): BookingRecord {
  const expiresAt = now + terms.holdMs;
  return {
    ...facts,
    version: nextVersion,
    status: 'reserved',
    amounts: facts.seats.map((seat) => priceOf(terms, seat)),
    currency: terms.currency,
    createdAt: now,
    expiresAt,
    firstExpiresAt: expiresAt,
    firstVersion: nextVersion,
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
