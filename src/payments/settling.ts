import type { BookingPayment } from '@usher/contract';
import type { BookCommand, Command, MarkPaymentCommand, OutcomeOf, PayOutcome, StoredBooking } from '../shows/index.js';
import type { PaymentFailure } from '@usher/contract';
import { type PaymentGateway, PaymentRefusedError, type SeenCapture, type SeenPayment } from './payment-gateway.js';
import type { PaymentKey, PaymentStore, StoredEvent, StoredPayment, StoredRefund } from './payment-store.js';

/** The shows as payments see them. */
export interface SettlingShows {
  submit<C extends Command>(showId: number, command: C): Promise<OutcomeOf<C>>;
  findBooking(bookingId: string): Promise<StoredBooking | null>;
}

/** Nest's token for the {@link Settling}. */
export const SETTLING = Symbol('Settling');

/** What a webhook came to. All but `done` are for staff to know. */
export type EventHandled = 'done' | 'unknownPayment' | 'partOutside' | 'wholeOutside' | 'disputeOpen' | 'disputeLost';

/** How often a booking that changed since it was read is read again at once. */
const readingsMax = 5;

/** How long a provider is asked to open a payment; nobody was given its page, so nobody has paid. */
const openingMsMax = 24 * 60 * 60_000;

/** How soon a refund that the provider has begun is asked after; it may take weeks. */
const refundLookMs = (attempts: number): number => Math.min(60 * 60_000, 60_000 * attempts);

/**
 * Brings together what a provider says of payments and what the show's lane says of seats. Each step may be done twice,
 * in any order, on any node, and be cut short after any statement: the lane settles a payment once, the provider knows
 * its orders by their names, and a row stays due until its last step is written down.
 */
export class Settling {
  constructor(
    private readonly shows: SettlingShows,
    private readonly store: PaymentStore,
    private readonly gateway: PaymentGateway,
  ) {}

  /**
   * Lengthens the hold of a new payment. Unless the lane says `done` it is not to be paid; but where this took long, another
   * node may have had it opened meanwhile, so it is looked at until the provider takes no money for it.
   */
  async begin({ showId, paymentId, bookingId, provider }: StoredPayment): Promise<PayOutcome> {
    const outcome = await this.shows.submit(showId, { type: 'pay', bookingId, payment: { paymentId, provider } });
    if (outcome.type !== 'done') await this.store.advance({ showId, paymentId }, 'failed');
    return outcome;
  }

  /**
   * Has the provider open a payment, or find the one that it has opened. A final refusal ends the payment; the hold stays.
   *
   * @returns the provider's name for it; null: the provider refuses it
   */
  async open(payment: StoredPayment): Promise<string | null> {
    const { showId, paymentId, method, description, baseUrl, returnUrl, madeAt } = payment;
    const price = priceOf(payment);
    const order = { showId, paymentId, price, method, description, baseUrl, returnUrl, madeAt };
    try {
      const opened = await this.gateway.open(order);
      await this.store.opened(payment, opened);
      return opened.reference;
    } catch (error) {
      if (!(error instanceof PaymentRefusedError)) throw error;
      await this.refused(payment, error.failure);
      return null;
    }
  }

  /** Books what costs nothing: no provider takes part. */
  bookFree(payment: StoredPayment): Promise<void> {
    return this.settle(payment, priceOf(payment));
  }

  /** Does what an open payment needs: has it opened where it is not, or asks what became of it. */
  async tend(payment: StoredPayment): Promise<void> {
    try {
      if (payment.amount === 0) await this.bookFree(payment);
      else if (payment.reference !== null) await this.seen(payment, await this.gateway.look(payment.reference));
      // Also one that could not be begun: it may have been opened, and the answer lost.
      else if (payment.ageMs < openingMsMax) await this.open(payment);
      else await this.seen(payment, { status: 'failed' });
    } finally {
      await this.store.lookLater(payment, lookMs(payment.ageMs));
    }
  }

  /** Handles what a webhook said. @returns what of it staff should know */
  async handle(event: StoredEvent): Promise<EventHandled> {
    const payment = await this.store.find(event);
    const handled = payment ? await this.eventSeen(payment, event.seen) : 'unknownPayment';
    await this.store.eventDone(event);
    return handled;
  }

  /** Gives money back. */
  async refund(refund: StoredRefund): Promise<void> {
    const payment = await this.store.find(refund);
    if (!payment) throw new Error(`refund ${refund.refundId} is of no payment`);
    if (refund.kind !== 'part') await this.store.advance(payment, 'refunding');
    const paid = await this.paidBack(refund, payment);
    if (!paid) return;
    if (paid.unpaid === 0) await this.finishRefunds(payment);
    await this.store.refundDone(refund);
  }

  private async eventSeen(payment: StoredPayment, seen: SeenPayment | SeenCapture): Promise<EventHandled> {
    switch (seen.status) {
      case 'refunded':
        return this.refundedOutside(payment, seen.refunded.amount);
      case 'disputed':
        await this.store.disputed(payment, seen.disputeId, seen.outcome);
        return seen.outcome === 'open' ? 'disputeOpen' : seen.outcome === 'lost' ? 'disputeLost' : 'done';
      default:
        await this.seen(payment, seen);
        return 'done';
    }
  }

  /** Money went back at the provider, `total` in all. Its own refunds are told as well: then the books lack nothing. */
  private async refundedOutside(payment: StoredPayment, total: number): Promise<EventHandled> {
    // The money came first, even where its webhook did not: a refund says nothing of seats that were never sold.
    const isOpen = payment.status === 'pending' || payment.status === 'declined' || payment.status === 'failed';
    if (isOpen && payment.reference !== null) await this.seen(payment, await this.gateway.look(payment.reference));
    if (total < payment.amount) return (await this.store.addOutsideRefund(payment, total)) > 0 ? 'partOutside' : 'done';
    const { bookingId, paymentId } = payment;
    const amount = Math.max(0, total - (await this.store.refundsTotal(payment)));
    const outcome = await this.shows.submit(payment.showId, { type: 'refundedOutside', bookingId, paymentId, amount });
    return outcome.type === 'notLive' ? 'done' : 'wholeOutside';
  }

  private async refused(payment: StoredPayment, failure: PaymentFailure): Promise<void> {
    await this.store.refused(payment, failure);
    await this.seen(payment, { status: 'failed' });
  }

  private async seen(payment: StoredPayment, seen: SeenPayment): Promise<void> {
    if (seen.status === 'pending') return;
    if (seen.status === 'succeeded') {
      if (seen.captureReference) await this.store.captured(payment, seen.captureReference);
      await this.settle(payment, seen.captured);
      return;
    }
    await this.mark(payment, seen.status);
    await this.store.advance(payment, seen.status);
    if (seen.status === 'failed') await this.store.close(payment);
  }

  private async settle(payment: StoredPayment, captured: { amount: number; currency: string }): Promise<void> {
    const { onConflict, provider, paymentId } = payment;
    const outcome = await this.decided(payment, ({ booking }) => ({
      type: 'book',
      booking,
      payment: { paymentId, provider },
      captured,
      onConflict,
    }));
    if (outcome.type !== 'settled') throw new Error(`payment ${paymentId} cannot be settled now: ${outcome.type}`);
    await this.store.advance(payment, outcome.as === 'booked' ? 'succeeded' : 'refunding');
  }

  /** Gives one refund's money back, unless it was. @returns null: the provider is at it; else how many are unpaid */
  private async paidBack(refund: StoredRefund, payment: StoredPayment): Promise<{ unpaid: number } | null> {
    const { refundId, amount, currency, reference } = refund;
    if (refund.isPaid || amount === 0) return { unpaid: await this.store.refundPaid(refund, reference) };
    // It took money, so it was opened, even where the answer was lost.
    const paymentReference = payment.reference ?? (await this.open(payment));
    if (paymentReference === null) throw new Error(`the provider knows nothing of payment ${payment.paymentId}`);
    const order = { refundId, paymentReference, amount: { amount, currency }, reference };
    const seen = await this.gateway.refund(order);
    switch (seen.status) {
      case 'paid':
        return { unpaid: await this.store.refundPaid(refund, seen.reference) };
      case 'alreadyRefunded':
        return { unpaid: await this.store.refundPaid(refund, null, seen.refunded?.amount) };
      case 'disputed':
        // The bank has given the buyer the money, or will not: then the provider takes the refund.
        if (payment.isDisputeLost) return { unpaid: await this.store.refundPaid(refund, null) };
        throw new Error(`payment ${payment.paymentId} is disputed; its refund waits for the end of that`);
      case 'pending':
        await this.store.refundBegun(refund, seen.reference, refundLookMs(refund.attempts));
        return null;
    }
  }

  /** All that was to go back has gone back: the booking says so, where nothing of the payment is left. */
  private async finishRefunds(key: PaymentKey): Promise<void> {
    const payment = await this.store.find(key);
    if (payment?.status !== 'refunding') return;
    await this.mark(payment, 'refunded');
    await this.store.advance(payment, 'refunded');
  }

  private async mark(payment: StoredPayment, status: BookingPayment['status']): Promise<void> {
    const { paymentId, provider } = payment;
    const mark = { paymentId, provider, status };
    const outcome = await this.decided(payment, ({ booking }) => ({ type: 'markPayment', booking, payment: mark }));
    if (outcome.type !== 'done') throw new Error(`payment ${paymentId} cannot be marked now: ${outcome.type}`);
  }

  /** Puts a command that carries its booking; where that has changed since it was read, it is read again. */
  private async decided<C extends BookCommand | MarkPaymentCommand>(
    { showId, bookingId }: StoredPayment,
    command: (stored: StoredBooking) => C,
  ): Promise<OutcomeOf<C>> {
    for (let reading = 1; ; reading++) {
      const stored = await this.shows.findBooking(bookingId);
      if (!stored) throw new Error(`booking ${bookingId} has a payment and no row`);
      const outcome = await this.shows.submit(showId, command(stored));
      if (outcome.type !== 'notLive' || reading === readingsMax) return outcome;
    }
  }
}

const priceOf = ({ amount, currency }: StoredPayment) => ({ amount, currency });

/** Often at first, when somebody waits for it; every minute after four. */
const lookMs = (ageMs: number): number => Math.min(60_000, Math.max(2000, ageMs / 4));
