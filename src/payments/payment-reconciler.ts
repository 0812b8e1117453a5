import type { BookingPayment, PaymentFailure } from '@usher/contract';
import { systemCaller } from '../access/index.js';
import type { Outcome } from '../database/outbox/outcome.js';
import type { BookCommand, Command, MarkPaymentCommand, OutcomeOf, PayOutcome, StoredBooking } from '../shows/index.js';
import { type PaymentGateway, PaymentRefusedError, type PaymentReport } from './payment-gateway.js';
import type { PaymentKey, PaymentStore, StoredEvent, StoredPayment, StoredRefund } from './payment-store.js';

/** The operations on shows that the reconciler uses. */
export interface PaymentShows {
  submit<C extends Command>(showId: number, command: C): Promise<OutcomeOf<C>>;
  findBooking(bookingId: string): Promise<StoredBooking | null>;
}

/** Nest's token for the {@link PaymentReconciler}. */
export const PAYMENT_RECONCILER = Symbol('PaymentReconciler');

/** The result of handling a webhook. Staff need to know about every result except `done`. */
export type EventResult = 'done' | 'unknownPayment' | 'partOutside' | 'wholeOutside' | 'disputeOpen' | 'disputeLost';

/** Maximum number of submissions of a command. It is submitted again if its booking has changed since it was read. */
const submissionsMax = 5;

/**
 * How long the service retries to open a payment at the provider before it gives up. No buyer has received the pay page
 * of such a payment, so no buyer has paid it.
 */
const openingMsMax = 24 * 60 * 60_000;

/** Returns the delay until the provider is asked again about a refund that it has begun. Such a refund may take weeks. */
const refundPollMs = (attempts: number): number => Math.min(60 * 60_000, 60_000 * attempts);

/**
 * Makes the bookings of the shows agree with the payments at the provider.
 *
 * Every method may run twice, even on two nodes at once and in any order. A method may also stop after any statement.
 * This is safe for three reasons. The lane settles each payment only once. The provider recognises repeated orders by
 * their idempotency keys. A row stays due until its last step is written.
 */
export class PaymentReconciler {
  constructor(
    private readonly shows: PaymentShows,
    private readonly store: PaymentStore,
    private readonly gateway: PaymentGateway,
  ) {}

  /**
   * Begins a new payment of a hold. If the outcome is not `done`, the buyer must not pay, so the payment fails. A
   * failed payment stays due, because another node may already have opened it at the provider. So the payment is polled
   * until the provider takes no more money for it.
   */
  async begin({ showId, paymentId, bookingId, provider }: StoredPayment): Promise<PayOutcome> {
    const outcome = await this.shows.submit(showId, { type: 'pay', bookingId, payment: { paymentId, provider } });
    if (outcome.type !== 'done') await this.store.advanceStatus({ showId, paymentId }, 'failed');
    return outcome;
  }

  /**
   * Opens a payment at the provider, or finds it there if it is already open. If the provider refuses the payment for
   * good, the payment fails. The seats stay held.
   *
   * @returns the provider's reference, or null if the provider refused the payment
   */
  async open(payment: StoredPayment): Promise<string | null> {
    const { showId, paymentId, bookingId, method, description, baseUrl, returnUrl, madeAt } = payment;
    const price = priceOf(payment);
    const order = { showId, paymentId, price, method, description, baseUrl, returnUrl, madeAt };
    try {
      const opened = await this.gateway.open(order);
      // The grace comes before the row, because a payment with a reference is not opened again after a crash.
      await this.shows.submit(showId, { type: 'paymentOpened', bookingId });
      await this.store.recordOpened(payment, opened);
      return opened.reference;
    } catch (error) {
      if (!(error instanceof PaymentRefusedError)) throw error;
      await this.refuse(payment, error.failure);
      return null;
    }
  }

  /** Books seats that cost nothing, without a provider. */
  bookFree(payment: StoredPayment): Promise<void> {
    return this.settle(payment, priceOf(payment));
  }

  /**
   * Handles a due payment. If it is not open at the provider yet, opens it. Otherwise asks the provider for its status.
   */
  async reconcile(payment: StoredPayment): Promise<Outcome> {
    if (payment.amount === 0) await this.bookFree(payment);
    else if (payment.reference !== null)
      await this.applyReport(payment, await this.gateway.fetchPayment(payment.reference));
    // This opens even a failed payment, because the provider may have opened it and its response may have been lost.
    else if (payment.ageMs < openingMsMax) await this.open(payment);
    else await this.applyReport(payment, { status: 'failed' });
    return { type: 'pending' };
  }

  /**
   * Asks the provider to cancel a payment, and applies the status that it reports. If the payment took money at the same
   * moment, its seats are booked or the money is refunded, as after any report.
   */
  async cancel(payment: StoredPayment): Promise<void> {
    if (payment.amount === 0) return this.bookFree(payment);
    // Opening the payment again returns a reference that was lost. A payment that was refused has failed already.
    const reference = payment.reference ?? (await this.open(payment));
    if (reference !== null) await this.applyReport(payment, await this.gateway.cancel(reference));
  }

  /** Applies a webhook. */
  async handleEvent(event: StoredEvent): Promise<EventResult> {
    const payment = await this.store.find(event);
    if (!payment) return 'unknownPayment';
    const { report } = event;
    switch (report.status) {
      case 'refunded':
        return this.applyOutsideRefund(payment, report.refunded.amount);
      case 'disputed':
        await this.store.recordDispute(payment, report.disputeId, report.outcome);
        return report.outcome === 'open' ? 'disputeOpen' : report.outcome === 'lost' ? 'disputeLost' : 'done';
      default:
        await this.applyReport(payment, report);
        return 'done';
    }
  }

  /** Pays a refund. */
  async refund(refund: StoredRefund): Promise<Outcome> {
    const payment = await this.store.find(refund);
    if (!payment) throw new Error(`refund ${refund.refundId} has no payment`);
    if (refund.kind !== 'part') await this.store.advanceStatus(payment, 'refunding');
    const paid = await this.payBack(refund, payment);
    if (!paid) return { type: 'pending', delayMs: refundPollMs(refund.attempts) };
    if (paid.unpaid === 0) await this.finishRefunds(payment);
    return { type: 'done' };
  }

  /**
   * Applies a provider's report about refunds. The provider also reports the refunds that this service made. For those,
   * the total equals the sum of the refunds in the tables, so nothing changes.
   *
   * @param total sum of all refunds of the payment, in minor units
   */
  private async applyOutsideRefund(payment: StoredPayment, total: number): Promise<EventResult> {
    // The webhook about the capture may still be missing. The seats must be sold before they can be refunded.
    const isOpen = payment.status === 'pending' || payment.status === 'declined' || payment.status === 'failed';
    if (isOpen && payment.reference !== null)
      await this.applyReport(payment, await this.gateway.fetchPayment(payment.reference));
    if (total < payment.amount)
      return (await this.store.recordOutsideRefund(payment, total)) > 0 ? 'partOutside' : 'done';
    const { bookingId, paymentId } = payment;
    const amount = Math.max(0, total - (await this.store.sumRefunds(payment)));
    const audit = systemCaller(`payment provider ${payment.provider}`);
    const command = { type: 'refundedOutside', bookingId, paymentId, amount, audit } as const;
    const outcome = await this.shows.submit(payment.showId, command);
    return outcome.type === 'notLive' ? 'done' : 'wholeOutside';
  }

  private async refuse(payment: StoredPayment, failure: PaymentFailure): Promise<void> {
    await this.store.recordRefusal(payment, failure);
    await this.applyReport(payment, { status: 'failed' });
  }

  private async applyReport(payment: StoredPayment, report: PaymentReport): Promise<void> {
    if (report.status === 'pending') return;
    if (report.status === 'succeeded') {
      if (report.captureReference) await this.store.recordCapture(payment, report.captureReference);
      await this.settle(payment, report.captured);
      return;
    }
    await this.mark(payment, report.status);
    await this.store.advanceStatus(payment, report.status);
    if (report.status === 'failed') await this.store.stopPolling(payment);
  }

  private async settle(payment: StoredPayment, captured: { amount: number; currency: string }): Promise<void> {
    const { onConflict, provider, paymentId } = payment;
    const outcome = await this.submitWithBooking(payment, ({ booking }) => ({
      type: 'book',
      booking,
      payment: { paymentId, provider },
      captured,
      onConflict,
    }));
    if (outcome.type !== 'settled') throw new Error(`payment ${paymentId} cannot be settled now: ${outcome.type}`);
    await this.store.advanceStatus(payment, outcome.as === 'booked' ? 'succeeded' : 'refunding');
  }

  /**
   * Pays a refund at the provider unless it is paid already.
   *
   * @returns how many refunds of the payment are still unpaid; null if the provider has begun this refund but not
   * finished it
   */
  private async payBack(refund: StoredRefund, payment: StoredPayment): Promise<{ unpaid: number } | null> {
    const { refundId, amount, currency, reference } = refund;
    if (refund.isPaid || amount === 0) return { unpaid: await this.store.recordRefundPaid(refund, reference) };
    // The payment took money, so the provider knows it. Opening it again returns its reference, which was lost.
    const paymentReference = payment.reference ?? (await this.open(payment));
    if (paymentReference === null) throw new Error(`the provider does not know payment ${payment.paymentId}`);
    const order = { refundId, paymentReference, amount: { amount, currency }, reference };
    const report = await this.gateway.refund(order);
    switch (report.status) {
      case 'paid':
        return { unpaid: await this.store.recordRefundPaid(refund, report.reference) };
      case 'alreadyRefunded':
        return { unpaid: await this.store.recordRefundPaid(refund, null, report.refunded?.amount) };
      case 'disputed':
        // If the shop has lost the dispute, the bank has given the buyer the money. If it wins, the provider accepts
        // the refund.
        if (payment.isDisputeLost) return { unpaid: await this.store.recordRefundPaid(refund, null) };
        throw new Error(`payment ${payment.paymentId} is disputed; its refund waits for the end of the dispute`);
      case 'pending':
        await this.store.recordRefundBegun(refund, report.reference);
        return null;
    }
  }

  /** Marks the booking's payment as refunded after its last refund is paid, if the payment is refunded as a whole. */
  private async finishRefunds(key: PaymentKey): Promise<void> {
    const payment = await this.store.find(key);
    if (payment?.status !== 'refunding') return;
    await this.mark(payment, 'refunded');
    await this.store.advanceStatus(payment, 'refunded');
  }

  private async mark(payment: StoredPayment, status: BookingPayment['status']): Promise<void> {
    const { paymentId, provider } = payment;
    const mark = { paymentId, provider, status };
    const outcome = await this.submitWithBooking(payment, ({ booking }) => ({
      type: 'markPayment',
      booking,
      payment: mark,
    }));
    if (outcome.type !== 'done') throw new Error(`payment ${paymentId} cannot be marked now: ${outcome.type}`);
  }

  /**
   * Submits a command that contains its booking. If the booking has changed since it was read, reads the booking again
   * and submits a new command.
   */
  private async submitWithBooking<C extends BookCommand | MarkPaymentCommand>(
    { showId, bookingId }: StoredPayment,
    toCommand: (stored: StoredBooking) => C,
  ): Promise<OutcomeOf<C>> {
    for (let submission = 1; ; submission++) {
      const stored = await this.shows.findBooking(bookingId);
      if (!stored) throw new Error(`booking ${bookingId} has a payment but no row`);
      const outcome = await this.shows.submit(showId, toCommand(stored));
      if (outcome.type !== 'notLive' || submission === submissionsMax) return outcome;
    }
  }
}

const priceOf = ({ amount, currency }: StoredPayment) => ({ amount, currency });
