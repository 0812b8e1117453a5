import type { BookingRecord } from '../core/model/booking-record.js';
import { plainRule, type RefundTerms } from '../core/model/refund-terms.js';
import type { LogEntry, ShowChange } from '../core/changes/show-log.js';

/** What a new booking has beyond what its log entry says of it: its time and its version are the entry's. */
type LoggedBooking = Pick<
  BookingRecord,
  'bookingId' | 'sessionId' | 'seats' | 'amounts' | 'currency' | 'substituted' | 'usedKey'
> & {
  readonly expiresAt: number;
  readonly ticket?: number;
  /** The rule is left out where it is {@link plainRule}. All is left out in entries of earlier releases. */
  readonly refundTerms?: Pick<RefundTerms, 'startsAt'> & Partial<RefundTerms>;
};

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
    const {
      bookingId,
      sessionId,
      seats,
      amounts,
      currency,
      substituted,
      usedKey,
      firstExpiresAt,
      ticket,
      refundTerms,
    } = change.booking;
    const booking = {
      bookingId,
      sessionId,
      seats,
      amounts,
      currency,
      substituted,
      usedKey,
      expiresAt: firstExpiresAt,
      ...(ticket !== null && { ticket }),
      ...(refundTerms && { refundTerms: toLoggedRefundTerms(refundTerms) }),
    };
    return { type: 'reserved', booking };
  });
}

export function fromLogged(row: LogRow): LogEntry {
  const { seq, commitId, version, at } = row;
  const changes = row.changes.map((change): ShowChange => {
    if (change.type !== 'reserved') return change;
    const { bookingId, sessionId, seats, amounts, currency, substituted, usedKey, expiresAt } = change.booking;
    const ticket = change.booking.ticket ?? null;
    const refundTerms = fromLoggedRefundTerms(change.booking.refundTerms);
    const known = { bookingId, sessionId, seats, amounts, currency, substituted, usedKey, expiresAt, ticket };
    const made = { createdAt: at, firstExpiresAt: expiresAt, firstVersion: version, version };
    return { type: 'reserved', booking: { ...known, ...made, status: 'reserved', payment: null, refundTerms } };
  });
  return { seq, commitId, version, at, changes };
}

function toLoggedRefundTerms({ startsAt, rule }: RefundTerms): LoggedBooking['refundTerms'] {
  const isPlain = rule?.deadlineMinutes === plainRule.deadlineMinutes && rule.feeAmount === plainRule.feeAmount;
  return isPlain ? { startsAt } : { startsAt, rule };
}

const fromLoggedRefundTerms = (logged: LoggedBooking['refundTerms']): RefundTerms | null =>
  logged ? { startsAt: logged.startsAt, rule: logged.rule === undefined ? plainRule : logged.rule } : null;
