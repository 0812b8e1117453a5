import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Pool } from 'pg';
import { Poller } from '../common/poller.js';
import type { Outcome } from '../database/outbox/outcome.js';
import { PostgresOutboxStore } from '../database/outbox/outbox-store.js';
import { OutboxWorker } from '../database/outbox/outbox-worker.js';
import { PG_POOL } from '../database/pg-pool.js';
import {
  type ClaimedEvent,
  type ClaimedPayment,
  eventRetry,
  eventTable,
  paymentPolling,
  paymentTable,
  refundRetry,
  refundTable,
} from './payment-outboxes.js';
import { type EventResult, PAYMENT_RECONCILER, type PaymentReconciler } from './payment-reconciler.js';
import type { StoredRefund } from './payment-store.js';
import { PostgresPaymentStore } from './postgres-payment-store.js';
import { toReport } from './report-columns.js';

/** Longer than the longest attempt, including the SQL statements before and after that attempt. */
const leaseMs = 30_000;

/** Number of days for which handled webhooks are kept, so that a repeated webhook is recognised. */
const eventRetentionDays = 30;

const deleteIntervalMs = 60 * 60_000;

/** Log messages for staff, by the result of a webhook. */
const staffMessages: Readonly<Record<Exclude<EventResult, 'done'>, string>> = {
  unknownPayment: 'a webhook names a payment that this service does not have',
  partOutside:
    'a part of a payment was refunded at the provider; the booking keeps its seats, and staff decide about them',
  wholeOutside: 'a whole payment was refunded at the provider; the booking is refunded and its seats are free',
  disputeOpen: 'a payment is disputed; the tickets of its booking admit nobody until the dispute is won',
  disputeLost: 'a dispute was lost; the tickets of its booking admit nobody, and staff can free the seats by a refund',
};

/** Runs the workers that handle webhooks, poll the provider for open payments, and pay refunds. */
@Injectable()
export class PaymentWorkers implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(PaymentWorkers.name);
  private readonly events: OutboxWorker<ClaimedEvent>;
  private readonly payments: OutboxWorker<ClaimedPayment>;
  private readonly refunds: OutboxWorker<StoredRefund>;
  private readonly cleanup: Poller;

  constructor(
    @Inject(PG_POOL) pool: Pool,
    store: PostgresPaymentStore,
    @Inject(PAYMENT_RECONCILER) private readonly reconciler: PaymentReconciler,
  ) {
    const logFields = ({ showId, paymentId }: { showId: number; paymentId: string }) => ({ showId, paymentId });
    this.events = new OutboxWorker<ClaimedEvent>(
      {
        noun: 'payment webhook',
        store: new PostgresOutboxStore(pool, eventTable),
        handle: (event) => this.handleEvent(event),
        retry: eventRetry,
        leaseMs,
        concurrency: 8,
        logFields,
      },
      this.logger,
    );
    this.payments = new OutboxWorker<ClaimedPayment>(
      {
        noun: 'open payment',
        store: new PostgresOutboxStore(pool, paymentTable),
        handle: (payment) => this.reconciler.reconcile(payment),
        retry: paymentPolling,
        leaseMs,
        concurrency: 16,
        logFields,
      },
      this.logger,
    );
    this.refunds = new OutboxWorker<StoredRefund>(
      {
        noun: 'refund',
        store: new PostgresOutboxStore(pool, refundTable),
        handle: (refund) => this.reconciler.refund(refund),
        retry: refundRetry,
        leaseMs,
        concurrency: 8,
        logFields,
      },
      this.logger,
    );
    this.cleanup = Poller.every(
      deleteIntervalMs,
      () => store.deleteEvents(eventRetentionDays),
      (error) => this.logger.error({ err: error }, 'could not delete old payment webhooks; retrying in 1 h'),
    );
  }

  onApplicationBootstrap(): void {
    for (const worker of this.workers()) worker.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.workers().map((worker) => worker.stop()));
  }

  /** Makes the worker handle a new webhook now instead of at the next poll. */
  wakeForEvent(): void {
    this.events.wake();
  }

  /** Makes the worker pay a new refund now instead of at the next poll. */
  wakeForRefund(): void {
    this.refunds.wake();
  }

  private workers() {
    return [this.events, this.payments, this.refunds, this.cleanup];
  }

  private async handleEvent(event: ClaimedEvent): Promise<Outcome> {
    const { showId, eventId, paymentId, attempts } = event;
    const result = await this.reconciler.handleEvent({ showId, eventId, paymentId, attempts, report: toReport(event) });
    if (result !== 'done') this.logger.warn({ showId, paymentId }, staffMessages[result]);
    if (result === 'wholeOutside') this.refunds.wake();
    return { type: 'done' };
  }
}
