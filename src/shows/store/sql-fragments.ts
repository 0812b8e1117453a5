import { toEpochMs } from '../../database/sql-time.js';

/**
 * Converts milliseconds since 1970 to a time in SQL. The conversion is exact, unlike `to_timestamp`, which calculates
 * with a float of seconds. The result for null is null.
 */
export const time = (value: string): string => `(timestamptz 'epoch' + ${value} * interval '1 ms')`;

/** The columns of a log entry, with the field names of `LogRow`. */
export const entryColumns = `seq::float8 as seq, commit_id::float8 as "commitId", version::float8 as version, ${toEpochMs('at')} as at`;

/** The columns of a waiter, with the field names of `Waiter`. */
export const waiterColumns = `line, line_ticket as "lineTicket", place, session_id as "sessionId", party_size as "partySize", tiers, kind,
    ${toEpochMs('joined_at')} as "joinedAt", ${toEpochMs('expires_at')} as "expiresAt", receipt, source,
    has_passed_challenge as "hasPassedChallenge"`;

/** The columns of a booking, with the field names of `BookingRow`. */
export const bookingColumns = `
  booking_id as "bookingId", session_id as "sessionId", status, seats,
  amounts::float8[] as amounts, currency, substituted,
  ${toEpochMs('created_at')} as "createdAt", ${toEpochMs('expires_at')} as "expiresAt", ${toEpochMs('first_expires_at')} as "firstExpiresAt",
  first_version::float8 as "firstVersion", version::float8 as version, line_ticket as "lineTicket", key, body_hash as "bodyHash",
  case when payment_id is not null then json_build_object('paymentId', payment_id, 'status', payment_status,
    'provider', payment_provider) end as payment, refund_terms as "refundTerms", source`;
