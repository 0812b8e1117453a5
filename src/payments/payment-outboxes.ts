import type { OutboxTable } from '../database/outbox/outbox-table.js';
import type { RetryPolicy } from '../database/outbox/retry-policy.js';
import type { StoredPayment, StoredRefund } from './payment-store.js';
import { paymentColumns } from './postgres-payment-store.js';
import type { ReportColumns } from './report-columns.js';

/** An open payment that this node has claimed. */
export interface ClaimedPayment extends StoredPayment {
  readonly attempts: number;
}

/** A webhook that this node has claimed. */
export interface ClaimedEvent extends ReportColumns {
  readonly showId: number;
  readonly provider: string;
  readonly eventId: string;
  readonly paymentId: string;
  readonly attempts: number;
}

/** A row of these tables is finished when its `due_at` is null. Its other columns are kept as a record. */
const finished = { set: 'due_at = null' } as const;
const common = {
  isPending: 'due_at is not null',
  whenDone: finished,
  whenAbandoned: finished,
  resultColumn: null,
  canBeReplayed: false,
  receiver: null,
} as const;

/** Payments that may still take money. */
export const paymentTable: OutboxTable<ClaimedPayment> = {
  ...common,
  name: 'payment',
  key: { show_id: 'showId', payment_id: 'paymentId' },
  columns: paymentColumns,
};

/** Polls often at first, because the buyer waits. After four minutes, polls once per minute. */
export const paymentPolling: RetryPolicy = {
  backoff: { by: 'age', shareOfAge: 1 / 4, delayMsMin: 2000, delayMsMax: 60_000 },
  attemptsMax: null,
};

/** Webhooks of the payment provider. */
export const eventTable: OutboxTable<ClaimedEvent> = {
  ...common,
  name: 'payment_event',
  key: { show_id: 'showId', provider: 'provider', event_id: 'eventId' },
  columns: `t.show_id as "showId", t.provider, t.event_id as "eventId", t.payment_id as "paymentId", t.status,
    t.amount::float8 as amount, t.currency, t.dispute_id as "disputeId", t.capture_reference as "captureReference"`,
};

/**
 * Retries after 1, 3, 9 and 27 s and then every 30 s without end. During a longer delay, the hold that the buyer has
 * paid for could end.
 */
export const eventRetry: RetryPolicy = {
  backoff: { by: 'attempts', firstDelayMs: 1000, delayMsMax: 30_000, jitter: 1 },
  attemptsMax: null,
};

/** Refunds that the provider still has to pay. */
export const refundTable: OutboxTable<StoredRefund> = {
  ...common,
  name: 'refund',
  key: { show_id: 'showId', refund_id: 'refundId' },
  columns: `t.show_id as "showId", t.refund_id as "refundId", t.payment_id as "paymentId", t.booking_id as "bookingId",
    t.amount::float8 as amount, t.currency, t.kind, t.reference, t.paid_at is not null as "isPaid"`,
};

/**
 * Retries after 1 s, 3 s, 9 s and so on, in the end every hour. It never gives up, because the buyer must get the
 * money.
 */
export const refundRetry: RetryPolicy = {
  backoff: { by: 'attempts', firstDelayMs: 1000, delayMsMax: 60 * 60_000, jitter: 1 },
  attemptsMax: null,
};
