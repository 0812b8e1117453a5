import { type ErrorBody, createErrorBody } from '@usher/contract';
import type { BookingRecord } from '../model/booking-record.js';
import type {
  RefundCommand,
  RefundedOutsideCommand,
  RefundedOutsideOutcome,
  RefundOutcome,
} from '../commands/command.js';
import type { Draft } from '../draft/draft.js';
import { refundsOf } from '../model/refund-terms.js';
import type { ShowTerms } from '../model/show-terms.js';

/** Bookings that one batch refunds at most when a show is called off; the next batch goes on. */
const refundsMax = 1000;

/** Gives paid seats back, some or all, for their price less the fee; the line for seats has them first. */
export function refund(
  draft: Draft,
  terms: ShowTerms,
  command: RefundCommand,
  now: number,
  nextId: () => string,
): RefundOutcome {
  const { bookingId, by } = command;
  const booking = draft.booking(bookingId);
  if (booking?.status !== 'booked') return { type: 'notLive', bookingId };
  const seats = command.seats ?? booking.seats;
  const refusal = (by === 'buyer' ? tooLate(booking, terms, now) : null) ?? notOf(booking, seats);
  if (refusal) return { type: 'refused', error: refusal };
  const fee = by === 'buyer' ? (refundsOf(booking, terms)?.feeAmount ?? 0) : 0;
  return { type: 'done', booking: giveBack(draft, booking, seats, fee, nextId()) };
}

/** Frees the seats of a booking whose money the provider gave back. Only the payment that paid for the booking counts. */
export function refundedOutside(
  draft: Draft,
  command: RefundedOutsideCommand,
  refundId: string,
): RefundedOutsideOutcome {
  const { bookingId, paymentId, amount } = command;
  const booking = draft.booking(bookingId);
  const isPaidBy = booking?.status === 'booked' && booking.payment?.paymentId === paymentId;
  if (!isPaidBy) return { type: 'notLive', bookingId };
  return { type: 'done', booking: giveBackWhole(draft, booking, { refundId, amount, isPaid: true }) };
}

/** Refunds whole what was paid for a show that was called off. */
export function refundCalledOff(draft: Draft, nextId: () => string): void {
  if (!draft.calledOff || draft.soldSeats === 0) return;
  let refunded = 0;
  for (const booking of draft.bookedOnes()) {
    if (refunded++ === refundsMax) {
      draft.isCut = true;
      return;
    }
    giveBack(draft, booking, booking.seats, 0, nextId());
  }
}

function giveBackWhole(
  draft: Draft,
  booking: BookingRecord,
  paidBack: { refundId: string; amount: number; isPaid: true },
) {
  const { bookingId, currency, payment, seats } = booking;
  if (!payment) throw new Error(`booking ${bookingId} is booked without a payment`);
  const status = { status: 'refunded', version: draft.nextVersion } as const;
  const after: BookingRecord = { ...booking, ...status, payment: { ...payment, status: 'refunding' } };
  draft.refund(after, seats, { ...paidBack, paymentId: payment.paymentId, bookingId, currency, kind: 'whole' });
  return after;
}

function giveBack(draft: Draft, booking: BookingRecord, seats: readonly number[], fee: number, refundId: string) {
  const { bookingId, currency, payment } = booking;
  if (!payment) throw new Error(`booking ${bookingId} is booked without a payment`);
  const goes = (_: number, at: number) => seats.includes(booking.seats[at]!);
  const stays = (_: number, at: number) => !seats.includes(booking.seats[at]!);
  const amount = booking.amounts.filter(goes).reduce((sum, price) => sum + Math.max(0, price - fee), 0);
  const version = draft.nextVersion;
  const isWhole = seats.length === booking.seats.length;
  const after: BookingRecord = isWhole
    ? { ...booking, status: 'refunded', version, payment: { ...payment, status: 'refunding' } }
    : { ...booking, version, seats: booking.seats.filter(stays), amounts: booking.amounts.filter(stays) };
  const kind = isWhole ? 'whole' : 'part';
  draft.refund(after, seats, { refundId, paymentId: payment.paymentId, bookingId, amount, currency, kind });
  return after;
}

/** `BOOKING_STATE` when the booking's rule gives its buyer nothing back by now, else null. */
function tooLate(booking: BookingRecord, terms: ShowTerms, now: number): ErrorBody | null {
  const refunds = refundsOf(booking, terms);
  const refuse = (detail: string) => createErrorBody('BOOKING_STATE', detail, { bookingStatus: 'booked' });
  if (refunds === null) return refuse('Seats of this booking are not taken back.');
  const { until } = refunds;
  return now < until ? null : refuse(`Seats were taken back until ${new Date(until).toISOString()}.`);
}

/** `INVALID_SEATS` unless the seats are some of the booking's, each once; else null. */
function notOf(booking: BookingRecord, seats: readonly number[]): ErrorBody | null {
  const isFit =
    seats.length > 0 && seats.every((seat, at) => booking.seats.includes(seat) && seats.indexOf(seat) === at);
  if (isFit) return null;
  return createErrorBody('INVALID_SEATS', 'Name seats of this booking, each once.', { limit: booking.seats.length });
}
