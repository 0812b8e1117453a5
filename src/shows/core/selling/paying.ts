import { type ErrorBody, SeatStatus } from '@usher/contract';
import type { BookingRecord } from '../model/booking-record.js';
import type {
  BookCommand,
  BookOutcome,
  MarkPaymentCommand,
  MarkPaymentOutcome,
  PayCommand,
  PayOutcome,
} from '../commands/command.js';
import type { Settled } from '../commands/outcome.js';
import type { Draft } from '../draft/draft.js';
import { lineFirst, saleOver } from '../draft/refusals.js';
import { seatsLike } from '../seating/index.js';
import { isSaleOver, type ShowTerms } from '../model/show-terms.js';
import { isProgress } from '../model/payment-progress.js';

/** Paying begins. The first time it does so for a booking, its hold lasts longer. */
export function pay(draft: Draft, terms: ShowTerms, { bookingId, payment }: PayCommand, now: number): PayOutcome {
  const booking = draft.booking(bookingId);
  if (booking?.status !== 'reserved' || booking.expiresAt === null) return { type: 'notLive', bookingId };
  const over = calledOff(draft, terms, now);
  if (over) return { type: 'refused', error: over };
  const isFirst = booking.expiresAt === booking.firstExpiresAt;
  const expiresAt = booking.expiresAt + (isFirst ? terms.paymentGraceMs : 0);
  const paying: BookingRecord = { ...booking, expiresAt, payment: { ...payment, status: 'pending' } };
  draft.pay(paying);
  return { type: 'done', booking: paying };
}

/**
 * Settles a payment that took money, once and for all. Whoever holds the seats gets them; after the hold's end the line
 * goes first, and what is free then is sold as if the hold had lasted.
 */
export function book(
  draft: Draft,
  terms: ShowTerms,
  command: BookCommand,
  now: number,
  nextId: () => string,
): BookOutcome {
  const { paymentId } = command.payment;
  const before = draft.settlementOf(paymentId);
  if (before) return { type: 'settled', as: before };
  const { bookingId } = command.booking;
  const live = draft.booking(bookingId);
  const booking = live ?? endedOne(draft, command.booking);
  if (!booking) return { type: 'notLive', bookingId };
  const mayHave = booking.status !== 'booked' && booking.status !== 'refunded' && isPaidBy(booking, command.captured);
  if (mayHave && !calledOff(draft, terms, now)) {
    const choice = live ? { seats: live.seats } : seatsAgain(draft, terms, booking, command.onConflict, now);
    if ('error' in choice) return { type: 'refused', error: choice.error };
    if (choice.seats) return sell(draft, terms, booking, choice.seats, command);
  }
  return giveMoneyBack(draft, booking, command, nextId());
}

/** Changes what a booking says of its payment. Answers null where that is no news. */
export function markPayment(draft: Draft, { booking: known, payment }: MarkPaymentCommand): MarkPaymentOutcome {
  const { bookingId } = known;
  const booking = draft.booking(bookingId) ?? endedOne(draft, known);
  if (!booking) return { type: 'notLive', bookingId };
  const { payment: before } = booking;
  const isNews =
    before === null || (before.paymentId === payment.paymentId && isProgress(before.status, payment.status));
  if (!isNews) return { type: 'done', booking: null };
  const marked: BookingRecord = { ...booking, payment };
  draft.mark(marked);
  return { type: 'done', booking: marked };
}

/** A booking that holds no seats any longer; null: it did when it was read, and ended since in another commit. */
function endedOne(draft: Draft, read: BookingRecord): BookingRecord | null {
  const isLive = read.status === 'reserved' || read.status === 'booked';
  return draft.endedBooking(read.bookingId) ?? (isLive ? null : read);
}

const isPaidBy = ({ amounts, currency }: BookingRecord, captured: BookCommand['captured']): boolean =>
  captured.currency === currency && captured.amount === sumOf(amounts);

const sumOf = (amounts: readonly number[]): number => amounts.reduce((sum, amount) => sum + amount, 0);

const calledOff = (draft: Draft, terms: ShowTerms, now: number): ErrorBody | null =>
  draft.calledOff || terms.calledOff ? saleOver(terms, true, now) : null;

/** Seats for a payment whose hold has ended: the same, or others where the buyer takes them; null: there are none. */
function seatsAgain(
  draft: Draft,
  terms: ShowTerms,
  { seats }: BookingRecord,
  onConflict: BookCommand['onConflict'],
  now: number,
): { seats: readonly number[] | null } | { error: ErrorBody } {
  const { rules, plan } = terms;
  // Of what is free, some may be wanted by who waits: the next batch knows.
  if (draft.mayBeServed === 'all') return { error: lineFirst() };
  const isKept = rules.strictLine && draft.lines.seats.waiting > 0;
  if (isKept || isSaleOver(terms, draft.calledOff, now)) return { seats: null };
  if (seats.every((seat) => draft.seats[seat] === SeatStatus.free)) return { seats };
  if (onConflict === 'refuse') return { seats: null };
  return { seats: seatsLike(plan, draft.seats, seats, { avoidGaps: rules.singleSeatGap === 'soft' }) };
}

function sell(
  draft: Draft,
  terms: ShowTerms,
  booking: BookingRecord,
  seats: readonly number[],
  { payment }: BookCommand,
): Settled {
  const isOther = seats !== booking.seats;
  draft.book({
    ...booking,
    status: 'booked',
    seats,
    amounts: isOther ? amountsFor(terms, booking, seats) : booking.amounts,
    substituted: booking.substituted || isOther,
    expiresAt: null,
    version: draft.nextVersion,
    payment: { ...payment, status: 'succeeded' },
  });
  // Whoever has bought makes room for the next, where entry is metered.
  const shopper = draft.inside.shopper(booking.sessionId);
  if (shopper) draft.endStay(shopper, false);
  return { type: 'settled', as: 'booked' };
}

/** What was paid, seat by seat of the same tier: prices may have changed since, and the sum is the payment's. */
function amountsFor({ layout }: ShowTerms, booking: BookingRecord, seats: readonly number[]): number[] {
  const paid = booking.seats.map((seat, at) => ({ tier: layout.seats[seat]?.tier, amount: booking.amounts[at]! }));
  return seats.map((seat) => {
    const same = paid.findIndex(({ tier }) => tier === layout.seats[seat]?.tier);
    return paid.splice(Math.max(0, same), 1)[0]!.amount;
  });
}

function giveMoneyBack(draft: Draft, booking: BookingRecord, command: BookCommand, refundId: string): Settled {
  const { payment, captured } = command;
  // A booking that another payment paid for says nothing of this one.
  const says = booking.status === 'booked' || booking.status === 'refunded' ? null : booking;
  draft.giveMoneyBack(says && { ...says, payment: { ...payment, status: 'refunding' } }, {
    refundId,
    paymentId: payment.paymentId,
    bookingId: booking.bookingId,
    ...captured,
    kind: 'returned',
  });
  return { type: 'settled', as: 'returned' };
}
