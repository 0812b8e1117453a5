import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { isBusy } from '../common/domain-error.js';
import { backoffMs, Draining } from '../common/draining.js';
import { Poller } from '../common/poller.js';
import type { StoredEvent, StoredPayment, StoredRefund } from './payment-store.js';
import { PostgresPaymentStore } from './postgres-payment-store.js';
import { type EventHandled, SETTLING, type Settling } from './settling.js';

/** Longer than work on a row can take with what is written before and after it. */
const claimMs = 30_000;

/** Longest pause between two looks at the tables. */
const lookMsMax = 500;

/** Longest that a refund which failed waits for its next attempt: it is tried until it succeeds. */
const refundMsMax = 60 * 60_000;

/** How long handled webhooks are remembered, so that one that comes again is known. */
const eventDays = 30;

const sweepEveryMs = 60 * 60_000;

const staffNews: Readonly<Record<Exclude<EventHandled, 'done'>, string>> = {
  unknownPayment: 'a webhook tells of a payment that is not here',
  partOutside: 'some money was given back at the provider; the booking keeps its seats, and staff decide about them',
  wholeOutside: 'all money was given back at the provider; the booking is refunded and its seats are free',
  disputeOpen: 'a payment is disputed; the tickets of its booking admit nobody until the dispute is won',
  disputeLost: 'a dispute was lost; the tickets of its booking admit nobody, and a refund by staff frees the seats',
};

/**
 * Does what payments are waiting for: handles webhooks, gives money back, and asks the provider about whatever is
 * unsettled. Every node runs it, from the tables alone.
 */
@Injectable()
export class PaymentsWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(PaymentsWorker.name);

  private readonly events = new Draining<StoredEvent>({
    claim: (limit) => this.store.claimEvents(limit, claimMs),
    work: (event) => this.handle(event),
    failed: (error, { showId, paymentId }) => this.failed(error, { showId, paymentId }, 'a webhook waits'),
    blind: (error) => this.logger.error({ err: error }, 'webhooks could not be looked for'),
    atOnce: 8,
    lookMsMax,
  });

  private readonly payments = new Draining<StoredPayment>({
    claim: (limit) => this.store.claimPayments(limit, claimMs),
    work: (payment) => this.settling.tend(payment),
    failed: (error, { showId, paymentId }) => this.failed(error, { showId, paymentId }, 'a payment stays open'),
    blind: (error) => this.logger.error({ err: error }, 'open payments could not be looked for'),
    atOnce: 16,
    lookMsMax,
  });

  private readonly refunds = new Draining<StoredRefund>({
    claim: (limit) => this.store.claimRefunds(limit, claimMs),
    work: (refund) => this.refund(refund),
    failed: (error, { showId, paymentId }) => this.failed(error, { showId, paymentId }, 'a refund waits'),
    blind: (error) => this.logger.error({ err: error }, 'refunds could not be looked for'),
    atOnce: 8,
    lookMsMax,
  });

  private readonly sweeps = new Poller(
    () => this.sweep(),
    (error) => this.logger.error({ err: error }, 'old webhooks could not be removed'),
    sweepEveryMs,
  );

  constructor(
    private readonly store: PostgresPaymentStore,
    @Inject(SETTLING) private readonly settling: Settling,
  ) {}

  onApplicationBootstrap(): void {
    for (const task of this.tasks()) task.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.tasks().map((task) => task.stop()));
  }

  /** A webhook came: it is handled at once. */
  eventCame(): void {
    this.events.wake();
  }

  /** Seats were refunded: their money goes back at once. */
  refundCame(): void {
    this.refunds.wake();
  }

  private tasks() {
    return [this.events, this.payments, this.refunds, this.sweeps];
  }

  private async handle(event: StoredEvent): Promise<void> {
    const { showId, paymentId, attempts } = event;
    try {
      this.tellStaff(await this.settling.handle(event), { showId, paymentId });
    } catch (error) {
      // Not only when the claim ends: a hold that was paid in time may have ended by then.
      await this.store.eventLater(event, backoffMs(attempts, claimMs));
      throw error;
    }
  }

  private tellStaff(handled: EventHandled, payment: { showId: number; paymentId: string }): void {
    if (handled !== 'done') this.logger.warn(payment, staffNews[handled]);
    if (handled === 'wholeOutside') this.refunds.wake();
  }

  private async refund(refund: StoredRefund): Promise<void> {
    try {
      await this.settling.refund(refund);
    } catch (error) {
      await this.store.refundLater(refund, backoffMs(refund.attempts, refundMsMax));
      throw error;
    }
  }

  private async sweep(): Promise<number> {
    await this.store.forgetEvents(eventDays);
    return sweepEveryMs;
  }

  private failed(error: unknown, row: { showId: number; paymentId: string }, what: string): void {
    this.logger[isBusy(error) ? 'debug' : 'warn']({ ...row, err: error }, what);
  }
}
