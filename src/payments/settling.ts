import type { BookingPayment } from '@usher/contract';
import type { StoredBooking } from '../shows/postgres-show-store.js';
import type { Command, Outcome } from '../shows/core/command.js';
import type { PaymentGateway, SeenPayment } from './payment-gateway.js';
import type { PaymentKey, PaymentStore, StoredEvent, StoredPayment, StoredRefund } from './payment-store.js';

/** The shows as payments see them. */
export interface SettlingShows {
  submit(showId: number, command: Command): Promise<Outcome>;
  findBooking(bookingId: string): Promise<StoredBooking | null>;
}

/** Nest's token for the {@link Settling}. */
export const SETTLING = Symbol('Settling');

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
  async begin({ showId, paymentId, bookingId, provider }: StoredPayment): Promise<Outcome> {
    const outcome = await this.shows.submit(showId, { type: 'pay', bookingId, payment: { paymentId, provider } });
    if (outcome.type !== 'done') await this.store.advance({ showId, paymentId }, 'failed');
    return outcome;
  }

  /** Has the provider open a payment, or find the one that it has opened. @returns the provider's name for it */
  async open(payment: StoredPayment): Promise<string> {
    const { showId, paymentId, method, description, baseUrl, returnUrl, madeAt } = payment;
    const price = priceOf(payment);
    const order = { showId, paymentId, price, method, description, baseUrl, returnUrl, madeAt };
    const opened = await this.gateway.open(order);
    await this.store.opened(payment, opened);
    return opened.reference;
  }

  /** Does what an open payment needs: has it opened where it is not, or asks what became of it. */
  async tend(payment: StoredPayment): Promise<void> {
    try {
      if (payment.reference !== null) await this.seen(payment, await this.gateway.look(payment.reference));
      // Also one that could not be begun: it may have been opened, and the answer lost.
      else if (payment.ageMs < openingMsMax) await this.open(payment);
      else await this.seen(payment, { status: 'failed' });
    } finally {
      await this.store.lookLater(payment, lookMs(payment.ageMs));
    }
  }

  /** Handles what a webhook said. @returns false: there is no such payment */
  async handle(event: StoredEvent): Promise<boolean> {
    const payment = await this.store.find(event);
    if (payment) await this.seen(payment, event.seen);
    await this.store.eventDone(event);
    return payment !== null;
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

  private async seen(payment: StoredPayment, seen: SeenPayment): Promise<void> {
    if (seen.status === 'pending') return;
    if (seen.status === 'succeeded') {
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
    const order = { refundId, paymentReference, amount: { amount, currency }, reference };
    const seen = await this.gateway.refund(order);
    if (seen.status === 'paid') return { unpaid: await this.store.refundPaid(refund, seen.reference) };
    await this.store.refundBegun(refund, seen.reference, refundLookMs(refund.attempts));
    return null;
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
  private async decided(
    { showId, bookingId }: StoredPayment,
    command: (stored: StoredBooking) => Command,
  ): Promise<Outcome> {
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
