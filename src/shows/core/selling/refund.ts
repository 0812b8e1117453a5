import { createErrorBody, type ErrorBody } from '@usher/contract';
import type {
  RefundCommand,
  RefundedOutsideCommand,
  RefundedOutsideOutcome,
  RefundOutcome,
} from '../commands/command.js';
import type { Draft } from '../draft/draft.js';
import type { BookingRecord } from '../model/booking-record.js';
import type { RefundDue } from '../model/refund-due.js';
import { refundsOf } from '../model/refund-terms.js';

/** Maximum number of bookings that one batch refunds when a show is called off. The next batch refunds more. */
const refundsMax = 1000;

/**
 * Gives back some or all paid seats of a booking for their price minus the fee. The seats are offered to the line
 * first.
 */
export function refund(draft: Draft, { bookingId, by, seats: chosen }: RefundCommand): RefundOutcome {
  const booking = draft.booking(bookingId);
  if (booking?.status !== 'booked') return { type: 'notLive', bookingId };
  const seats = chosen ?? booking.seats;
  const refusal = (by === 'buyer' ? deadlineRefusal(draft, booking) : null) ?? seatsRefusal(booking, seats);
  if (refusal) return { type: 'refused', error: refusal };
  const fee = by === 'buyer' ? (refundsOf(booking, draft.terms)?.feeAmount ?? 0) : 0;
  return { type: 'done', booking: giveBack(draft, booking, seats, fee) };
}

/**
 * Frees the seats of a booking after the provider returned the money. The payment must be the one that paid for the
 * booking.
 */
export function refundedOutside(draft: Draft, command: RefundedOutsideCommand): RefundedOutsideOutcome {
  const { bookingId, paymentId, amount } = command;
  const booking = draft.booking(bookingId);
  const isPaidBy = booking?.status === 'booked' && booking.payment?.paymentId === paymentId;
  if (!isPaidBy) return { type: 'notLive', bookingId };
  return { type: 'done', booking: giveBackWhole(draft, booking, { amount, isPaid: true }) };
}

/** Refunds at most {@link refundsMax} of the paid bookings of a show that was called off. */
export function refundCalledOff(draft: Draft): void {
  if (!draft.calledOff || draft.counts.sold === 0) return;
  let refundedCount = 0;
  for (const id of draft.bookingIds()) {
    const booking = draft.booking(id);
    if (booking?.status !== 'booked') continue;
    if (refundedCount++ === refundsMax) {
      draft.hasMoreWork = true;
      return;
    }
    giveBack(draft, booking, booking.seats, 0);
  }
}

/** @param fee the fee per seat, in minor units */
function giveBack(draft: Draft, booking: BookingRecord, seats: readonly number[], fee: number): BookingRecord {
  const isGivenBack = (_: number, index: number) => seats.includes(booking.seats[index]!);
  const isKept = (_: number, index: number) => !seats.includes(booking.seats[index]!);
  const amount = booking.amounts.filter(isGivenBack).reduce((sum, price) => sum + Math.max(0, price - fee), 0);
  if (seats.length === booking.seats.length) return giveBackWhole(draft, booking, { amount }, seats);
  const after: BookingRecord = {
    ...booking,
    version: draft.nextVersion,
    seats: booking.seats.filter(isKept),
    amounts: booking.amounts.filter(isKept),
  };
  return recordRefund(draft, after, seats, { amount, kind: 'part' });
}

function giveBackWhole(
  draft: Draft,
  booking: BookingRecord,
  refundFacts: Pick<RefundDue, 'amount' | 'isPaid'>,
  seats = booking.seats,
): BookingRecord {
  const payment = { ...paymentOf(booking), status: 'refunding' } as const;
  const after: BookingRecord = { ...booking, status: 'refunded', version: draft.nextVersion, payment };
  return recordRefund(draft, after, seats, { ...refundFacts, kind: 'whole' });
}

/** @param after the booking after the refund */
function recordRefund(
  draft: Draft,
  after: BookingRecord,
  seats: readonly number[],
  refundFacts: Pick<RefundDue, 'amount' | 'isPaid' | 'kind'>,
): BookingRecord {
  const { bookingId, currency } = after;
  const { paymentId } = paymentOf(after);
  const due: RefundDue = { refundId: draft.newId(), paymentId, bookingId, currency, ...refundFacts };
  draft.record({ type: 'refunded', booking: after, seats, refund: due });
  return after;
}

function paymentOf({ bookingId, payment }: BookingRecord): NonNullable<BookingRecord['payment']> {
  if (!payment) throw new Error(`booking ${bookingId} is booked without a payment`);
  return payment;
}

/** Returns `BOOKING_STATE` if the refund rule of the booking no longer lets its buyer give seats back, else null. */
function deadlineRefusal({ terms, now }: Draft, booking: BookingRecord): ErrorBody | null {
  const refunds = refundsOf(booking, terms);
  const refuse = (detail: string) => createErrorBody('BOOKING_STATE', detail, { bookingStatus: 'booked' });
  if (refunds === null) return refuse('Seats of this booking cannot be given back.');
  const { until } = refunds;
  if (now < until) return null;
  return refuse(`Seats of this booking could be given back until ${new Date(until).toISOString()}.`);
}

/**
 * Returns `INVALID_SEATS` if the list is empty, repeats a seat, or has a seat that is not in the booking; else null.
 */
function seatsRefusal(booking: BookingRecord, seats: readonly number[]): ErrorBody | null {
  const areValid =
    seats.length > 0 && seats.every((seat, at) => booking.seats.includes(seat) && seats.indexOf(seat) === at);
  if (areValid) return null;
  return createErrorBody('INVALID_SEATS', 'Name at least one seat of this booking, and each only once.', {
    limit: booking.seats.length,
  });
}
