import { type ErrorBody, SeatStatus } from '@usher/contract';
import type {
  BookCommand,
  BookOutcome,
  MarkPaymentCommand,
  MarkPaymentOutcome,
  PayCommand,
  PaymentOpenedCommand,
  PaymentOpenedOutcome,
  PayOutcome,
} from '../commands/command.js';
import type { Settled } from '../commands/outcome.js';
import { mayExceedCodes } from '../draft/code-refusals.js';
import type { Draft } from '../draft/draft.js';
import { lineFirst, saleOver } from '../draft/refusals.js';
import { type BookingRecord, isLive } from '../model/booking-record.js';
import { isProgress } from '../model/payment-progress.js';
import { isSaleOver, type ShowTerms } from '../model/show-terms.js';
import { seatsLike } from '../seating/index.js';
import { endStay } from '../waiting/stays.js';

/**
 * Minimum time for which a hold lasts after its first payment has begun. In this time, the service opens the payment at
 * the provider, and a worker opens it if the first attempt fails after 15 s.
 */
const openingMs = 20_000;

/**
 * Begins a payment. The hold gets the payment grace only after the provider has opened the payment, so a caller cannot
 * keep seats longer with payments that never open.
 */
export function pay(draft: Draft, { bookingId, payment }: PayCommand): PayOutcome {
  const booking = draft.booking(bookingId);
  if (booking?.status !== 'reserved' || booking.expiresAt === null) return { type: 'notLive', bookingId };
  const over = calledOff(draft);
  if (over) return { type: 'refused', error: over };
  const isFirst = booking.payment === null;
  const opensUntil = isFirst ? Math.min(draft.now + openingMs, graceEnd(draft, booking)) : 0;
  const expiresAt = Math.max(booking.expiresAt, opensUntil);
  const paying: BookingRecord = { ...booking, expiresAt, payment: { ...payment, status: 'pending' } };
  draft.record({ type: 'paying', booking: paying });
  return { type: 'done', booking: paying };
}

/** Gives a hold the payment grace, once, because the buyer can pay now. */
export function paymentOpened(draft: Draft, { bookingId }: PaymentOpenedCommand): PaymentOpenedOutcome {
  const booking = draft.booking(bookingId);
  if (booking?.status !== 'reserved' || booking.expiresAt === null) return { type: 'notLive', bookingId };
  const expiresAt = graceEnd(draft, booking);
  if (booking.expiresAt >= expiresAt) return { type: 'done', booking: null };
  const lengthened: BookingRecord = { ...booking, expiresAt };
  draft.record({ type: 'paying', booking: lengthened });
  return { type: 'done', booking: lengthened };
}

const graceEnd = ({ terms }: Draft, { firstExpiresAt }: BookingRecord): number => firstExpiresAt + terms.paymentGraceMs;

/**
 * Settles a payment that took money. A payment is settled only once. A booking that still holds its seats gets them. If
 * the hold has ended, the line is served first. After that, the buyer gets the same seats or similar ones if they are
 * free.
 */
export function book(draft: Draft, command: BookCommand): BookOutcome {
  const { paymentId } = command.payment;
  const before = draft.settlementOf(paymentId);
  if (before) return { type: 'settled', as: before };
  const { bookingId } = command.booking;
  const live = draft.booking(bookingId);
  const booking = live ?? endedBooking(draft, command.booking);
  if (!booking) return { type: 'notLive', bookingId };
  const canBook = booking.status !== 'booked' && booking.status !== 'refunded' && isPaidBy(booking, command.captured);
  if (canBook && !calledOff(draft)) {
    const choice = live ? { seats: live.seats } : seatsAgain(draft, booking, command.onConflict);
    if ('error' in choice) return { type: 'refused', error: choice.error };
    if (choice.seats) return sell(draft, booking, choice.seats, command);
  }
  return returnMoney(draft, booking, command);
}

/** Changes the payment status of a booking. The outcome has no booking if the status would not move forward. */
export function markPayment(draft: Draft, { booking: known, payment }: MarkPaymentCommand): MarkPaymentOutcome {
  const { bookingId } = known;
  const booking = draft.booking(bookingId) ?? endedBooking(draft, known);
  if (!booking) return { type: 'notLive', bookingId };
  const { payment: before } = booking;
  const isNews =
    before === null || (before.paymentId === payment.paymentId && isProgress(before.status, payment.status));
  if (!isNews || isLateReport(draft, payment)) return { type: 'done', booking: null };
  const marked: BookingRecord = { ...booking, payment };
  draft.record({ type: 'marked', booking: marked });
  return { type: 'done', booking: marked };
}

/**
 * Whether a status is older than the settlement of its payment. The caller's copy of a booking that has ended may be older
 * too, so its status does not show this. Otherwise, a late report that a card was declined could follow the refund.
 */
const isLateReport = (draft: Draft, { paymentId, status }: MarkPaymentCommand['payment']): boolean =>
  draft.settlementOf(paymentId) !== undefined && isProgress(status, 'succeeded');

/**
 * Returns a booking that no longer holds seats. Returns null if the caller's copy is out of date, because the booking
 * still holds seats in the copy but ended in a later commit.
 */
const endedBooking = (draft: Draft, copy: BookingRecord): BookingRecord | null =>
  draft.endedBooking(copy.bookingId) ?? (isLive(copy) ? null : copy);

const isPaidBy = ({ amounts, currency }: BookingRecord, captured: BookCommand['captured']): boolean =>
  captured.currency === currency && captured.amount === sumOf(amounts);

const sumOf = (amounts: readonly number[]): number => amounts.reduce((sum, amount) => sum + amount, 0);

/** Returns the refusal if the show is called off, else null. */
const calledOff = (draft: Draft): ErrorBody | null =>
  draft.calledOff || draft.terms.calledOff ? saleOver(draft.terms, true, draft.now) : null;

/**
 * Chooses seats for a payment whose hold has ended: the same seats, or similar ones if the buyer accepts them. In the
 * result, `seats` is null if there are no such seats.
 */
function seatsAgain(
  draft: Draft,
  { seats, sessionId }: BookingRecord,
  onConflict: BookCommand['onConflict'],
): { seats: readonly number[] | null } | { error: ErrorBody } {
  const { rules, plan } = draft.terms;
  // A waiter may want some of the free seats. Only the next batch can find this out.
  if (draft.waitersToConsider === 'all') return { error: lineFirst() };
  const isKeptForLine = rules.strictLine && draft.lines.seats.waiting > 0;
  if (isKeptForLine || isSaleOver(draft.terms, draft.calledOff, draft.now)) return { seats: null };
  if (mayExceedCodes(draft, sessionId)) return { seats: null };
  if (seats.every((seat) => draft.seats[seat] === SeatStatus.free)) return { seats };
  if (onConflict === 'refuse') return { seats: null };
  return { seats: seatsLike(plan, draft.seats, seats, { avoidGaps: rules.singleSeatGap === 'soft' }) };
}

function sell(draft: Draft, booking: BookingRecord, seats: readonly number[], { payment }: BookCommand): Settled {
  const isOther = seats !== booking.seats;
  const sold: BookingRecord = {
    ...booking,
    status: 'booked',
    seats,
    amounts: isOther ? amountsFor(draft.terms, booking, seats) : booking.amounts,
    substituted: booking.substituted || isOther,
    expiresAt: null,
    version: draft.nextVersion,
    payment: { ...payment, status: 'succeeded' },
  };
  draft.record({ type: 'booked', booking: sold, paymentId: payment.paymentId });
  // If entry is metered, a buyer who has paid makes room for the next session.
  const stay = draft.stays.stayOf(booking.sessionId);
  if (stay) endStay(draft, stay, { hasLapsed: false });
  return { type: 'settled', as: 'booked' };
}

/**
 * Distributes the paid amounts over the new seats, tier by tier. The amounts come from the booking, because the prices
 * may have changed since. So their sum remains the sum that was paid.
 */
function amountsFor({ layout }: ShowTerms, booking: BookingRecord, seats: readonly number[]): number[] {
  const paid = booking.seats.map((seat, at) => ({ tier: layout.seats[seat]?.tier, amount: booking.amounts[at]! }));
  return seats.map((seat) => {
    const same = paid.findIndex(({ tier }) => tier === layout.seats[seat]?.tier);
    return paid.splice(Math.max(0, same), 1)[0]!.amount;
  });
}

function returnMoney(draft: Draft, booking: BookingRecord, { payment, captured }: BookCommand): Settled {
  // If another payment paid for the booking, the booking does not mention this payment.
  const isOfOther = booking.status === 'booked' || booking.status === 'refunded';
  const { bookingId } = booking;
  const { paymentId } = payment;
  draft.record({
    type: 'returned',
    booking: isOfOther ? null : { ...booking, payment: { ...payment, status: 'refunding' } },
    refund: { refundId: draft.newId(), paymentId, bookingId, ...captured, kind: 'returned' },
  });
  return { type: 'settled', as: 'returned' };
}
