import { SeatStatus } from '@usher/contract';
import type { BookingRecord } from '../model/booking-record.js';
import { internSource } from '../model/source.js';
import { defaultRefundRule, type RefundTerms } from '../model/refund-terms.js';
import { type ChangeKind, noChainLink } from './change-kind.js';

/** A new booking holds seats. */
export interface Reserved {
  readonly type: 'reserved';
  readonly booking: BookingRecord;
}

/**
 * The stored form of {@link Reserved}. It is half as long, which matters because the log has one for every reservation.
 * The omitted fields follow from the entry's time and version.
 */
export interface StoredReserved {
  readonly type: 'reserved';
  readonly booking: Pick<
    BookingRecord,
    'bookingId' | 'sessionId' | 'seats' | 'amounts' | 'currency' | 'substituted' | 'usedKey'
  > & {
    readonly expiresAt: number;
    readonly ticket?: number;
    /** Absent if it is null, and in entries of earlier releases. */
    readonly source?: string;
    /** Absent in entries of earlier releases. Its `rule` is omitted if it equals {@link defaultRefundRule}. */
    readonly refundTerms?: Pick<RefundTerms, 'startsAt'> & Partial<RefundTerms>;
  };
}

export const reserved: ChangeKind<Reserved, StoredReserved> = {
  seats: ({ booking: { seats, bookingId } }) => ({ seats, status: SeatStatus.held, bookingId }),
  apply(show, { booking }) {
    const { usedKey, sessionId, bookingId, createdAt } = booking;
    show.putBooking(booking);
    if (usedKey) {
      show.rememberKey(sessionId, usedKey.key, { bodyHash: usedKey.bodyHash, bookingId, place: null, createdAt });
    }
    return booking;
  },
  chainLink: noChainLink,
  addRows: (rows, { booking }) => rows.bookings.insert(booking),
  toStored({ booking }) {
    const { bookingId, sessionId, seats, amounts, currency, substituted, usedKey, lineTicket } = booking;
    const { source, refundTerms } = booking;
    const stored = {
      bookingId,
      sessionId,
      seats,
      amounts,
      currency,
      substituted,
      usedKey,
      expiresAt: booking.firstExpiresAt,
      ...(lineTicket !== null && { ticket: lineTicket }),
      ...(source !== null && { source }),
      ...(refundTerms && { refundTerms: toStoredRefundTerms(refundTerms) }),
    };
    return { type: 'reserved', booking: stored };
  },
  fromStored({ booking: stored }, { at, version }) {
    const { bookingId, sessionId, seats, amounts, currency, substituted, usedKey, expiresAt } = stored;
    const { ticket = null, source = null } = stored;
    const booking: BookingRecord = {
      bookingId,
      sessionId,
      seats,
      amounts,
      currency,
      substituted,
      usedKey,
      expiresAt,
      lineTicket: ticket,
      source: internSource(source),
      createdAt: at,
      firstExpiresAt: expiresAt,
      firstVersion: version,
      version,
      status: 'reserved',
      payment: null,
      refundTerms: fromStoredRefundTerms(stored.refundTerms),
    };
    return { type: 'reserved', booking };
  },
};

type StoredRefundTerms = StoredReserved['booking']['refundTerms'];

function toStoredRefundTerms({ startsAt, rule }: RefundTerms): StoredRefundTerms {
  const isDefault =
    rule?.deadlineMinutes === defaultRefundRule.deadlineMinutes && rule.feeAmount === defaultRefundRule.feeAmount;
  return isDefault ? { startsAt } : { startsAt, rule };
}

const fromStoredRefundTerms = (stored: StoredRefundTerms): RefundTerms | null =>
  stored ? { startsAt: stored.startsAt, rule: stored.rule === undefined ? defaultRefundRule : stored.rule } : null;
