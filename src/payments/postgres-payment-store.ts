import { Inject, Injectable } from '@nestjs/common';
import type { PaymentFailure, PaymentStatus, Refund, RefundKind } from '@usher/contract';
import type { Pool } from 'pg';
import { createId } from '../common/ids.js';
import { runInTransaction } from '../database/in-transaction.js';
import { PG_POOL } from '../database/pg-pool.js';
import { withTimeout } from '../database/query-timeout.js';
import { toIso, toIsoOrNull, toEpochMs } from '../database/sql-time.js';
import type { DisputeOutcome, OpenedPayment, ProviderEvent } from './payment-gateway.js';
import type { NewPayment, PaymentKey, PaymentStore, StoredPayment, StoredRefund } from './payment-store.js';
import { toReportColumns } from './report-columns.js';

/** SQL expressions that select a {@link StoredPayment}. The query must give `payment` the alias `t`. */
export const paymentColumns = `t.show_id as "showId", t.payment_id as "paymentId", t.booking_id as "bookingId",
  t.session_id as "sessionId", t.provider, t.method, t.amount::float8 as amount, t.currency, t.on_conflict as "onConflict", t.status,
  t.description, t.base_url as "baseUrl", t.return_url as "returnUrl", t.key, t.reference,
  t.redirect_url as "redirectUrl", t.qr_code as "qrCode",
  case when t.failure_code is not null
    then json_build_object('code', t.failure_code, 'detail', t.failure_detail) end as failure,
  jsonb_path_exists(t.disputes, '$.* ? (@ == "lost")') as "isDisputeLost",
  ${toEpochMs('t.made_at')} as "madeAt",
  ${toEpochMs('now() - t.made_at')} as "ageMs"`;

interface RefundRow {
  readonly refundId: string;
  readonly paymentId: string;
  readonly kind: RefundKind;
  readonly amount: number;
  readonly currency: string;
  readonly madeAt: number;
  readonly paidAt: number | null;
}

const toRefund = ({ amount, currency, madeAt, paidAt, ...row }: RefundRow): Refund => ({
  ...row,
  amount: { amount, currency },
  status: paidAt === null ? 'pending' : 'paid',
  createdAt: toIso(madeAt),
  paidAt: toIsoOrNull(paidAt),
});

const refundsTotal = {
  name: 'refunds-total',
  text: `select coalesce(sum(amount), 0)::float8 as total from refund where show_id = $1 and payment_id = $2`,
};

/** SQL array of a payment's statuses in their order. It must equal the order in `isProgress`. */
const progress = `array['pending', 'declined', 'failed', 'succeeded', 'refunding', 'refunded']`;

/** Stores payments in PostgreSQL. */
@Injectable()
export class PostgresPaymentStore implements PaymentStore {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /**
   * Inserts a payment, unless the booking has a payment with the same idempotency key.
   *
   * @param pollInMs delay until a worker first polls the payment
   * @returns the inserted or existing payment, or null if the booking has too many payments
   */
  async add(payment: NewPayment, pollInMs: number, paymentsMax: number) {
    const columns = [payment.showId, payment.paymentId, payment.bookingId, payment.sessionId, payment.provider];
    const order = [payment.method, payment.amount, payment.currency, payment.onConflict, payment.description];
    const addresses = [payment.baseUrl, payment.returnUrl, payment.key, pollInMs, paymentsMax];
    const { rows } = await this.pool.query<StoredPayment>(
      withTimeout({
        name: 'payment-add',
        text: `insert into payment as t (show_id, payment_id, booking_id, session_id, provider, method, amount, currency,
            on_conflict, status, description, base_url, return_url, key, due_at)
          select $1, $2, $3, $4, $5, $6, $7::bigint, $8, $9, 'pending', $10, $11, $12, $13, now() + $14 * interval '1 ms'
          where (select count(*) from payment where show_id = $1 and booking_id = $3) < $15
          on conflict (show_id, booking_id, key) do nothing returning ${paymentColumns}`,
        values: [...columns, ...order, ...addresses],
      }),
    );
    if (rows[0]) return { payment: rows[0], isNew: true };
    const before = payment.key === null ? null : await this.findByKey(payment);
    return before && { payment: before, isNew: false };
  }

  async find({ showId, paymentId }: PaymentKey): Promise<StoredPayment | null> {
    return this.findOne(`show_id = $1 and payment_id = $2`, [showId, paymentId]);
  }

  /** Finds a payment without its show. Payment ids are UUIDs, so they are unique across shows. */
  findById(paymentId: string): Promise<StoredPayment | null> {
    return this.findOne('payment_id = $1', [paymentId]);
  }

  async recordOpened(
    { showId, paymentId }: PaymentKey,
    { reference, redirectUrl, qrCode }: OpenedPayment,
  ): Promise<void> {
    await this.pool.query(
      withTimeout({
        name: 'payment-opened',
        text: `update payment set reference = $3, redirect_url = $4, qr_code = $5
          where show_id = $1 and payment_id = $2 and reference is null`,
        values: [showId, paymentId, reference, redirectUrl, qrCode],
      }),
    );
  }

  async recordRefusal({ showId, paymentId }: PaymentKey, { code, detail }: PaymentFailure): Promise<void> {
    await this.pool.query(
      withTimeout({
        name: 'payment-refused',
        text: 'update payment set failure_code = $3, failure_detail = $4 where show_id = $1 and payment_id = $2',
        values: [showId, paymentId, code, detail],
      }),
    );
  }

  async recordCapture({ showId, paymentId }: PaymentKey, captureReference: string): Promise<void> {
    await this.pool.query(
      withTimeout({
        name: 'payment-captured',
        text: `update payment set capture_reference = $3
          where show_id = $1 and payment_id = $2 and capture_reference is distinct from $3`,
        values: [showId, paymentId, captureReference],
      }),
    );
  }

  /** Finds the payment that a capture belongs to. */
  async findByCapture(provider: string, captureReference: string): Promise<PaymentKey | null> {
    return this.findOne('provider = $1 and capture_reference = $2', [provider, captureReference]);
  }

  async sumRefunds({ showId, paymentId }: PaymentKey): Promise<number> {
    const { rows } = await this.pool.query<{ total: number }>(
      withTimeout({ ...refundsTotal, values: [showId, paymentId] }),
    );
    return rows[0]?.total ?? 0;
  }

  recordOutsideRefund(payment: StoredPayment, total: number): Promise<number> {
    const { showId, paymentId, bookingId, currency } = payment;
    return runInTransaction(this.pool, async (client) => {
      // The lock makes the transaction of a concurrent webhook wait. So that transaction sees the refund inserted here.
      await client.query('select from payment where show_id = $1 and payment_id = $2 for update', [showId, paymentId]);
      const { rows } = await client.query<{ total: number }>({ ...refundsTotal, values: [showId, paymentId] });
      const missing = total - (rows[0]?.total ?? 0);
      if (missing <= 0) return 0;
      await client.query(
        `insert into refund (show_id, refund_id, payment_id, booking_id, amount, currency, kind, paid_at, due_at)
         values ($1, $2, $3, $4, $5, $6, 'part', now(), null)`,
        [showId, createId(), paymentId, bookingId, missing, currency],
      );
      return missing;
    });
  }

  async recordDispute({ showId, paymentId }: PaymentKey, disputeId: string, outcome: DisputeOutcome): Promise<void> {
    await this.pool.query(
      withTimeout({
        name: 'payment-disputed',
        // The report that a dispute is open may come after the report of its outcome.
        text: `update payment set disputes = disputes || jsonb_build_object($3::text, $4::text)
          where show_id = $1 and payment_id = $2 and ($4 <> 'open' or not disputes ? $3)`,
        values: [showId, paymentId, disputeId, outcome],
      }),
    );
  }

  async advanceStatus({ showId, paymentId }: PaymentKey, status: PaymentStatus): Promise<void> {
    await this.pool.query(
      withTimeout({
        name: 'payment-advance',
        text: `update payment set status = $3, due_at = case when $3 in ('pending', 'declined', 'failed') then due_at end
          where show_id = $1 and payment_id = $2
            and array_position(${progress}, $3) > array_position(${progress}, status::text)`,
        values: [showId, paymentId, status],
      }),
    );
  }

  async stopPolling({ showId, paymentId }: PaymentKey): Promise<void> {
    await this.pool.query(
      withTimeout({
        name: 'payment-close',
        text: 'update payment set due_at = null where show_id = $1 and payment_id = $2',
        values: [showId, paymentId],
      }),
    );
  }

  async pollLater({ showId, paymentId }: PaymentKey, delayMs: number): Promise<void> {
    await this.pool.query(
      withTimeout({
        name: 'payment-poll-later',
        text: `update payment set due_at = now() + $3 * interval '1 ms'
          where show_id = $1 and payment_id = $2 and due_at is not null`,
        values: [showId, paymentId, delayMs],
      }),
    );
  }

  /** Inserts a webhook. @returns false if the webhook is already stored */
  async addEvent(provider: string, { showId, eventId, paymentId, report }: ProviderEvent): Promise<boolean> {
    const { status, amount, currency, disputeId, captureReference } = toReportColumns(report);
    const columns = [status, amount, currency, disputeId, captureReference];
    const { rowCount } = await this.pool.query(
      withTimeout({
        name: 'payment-add-event',
        text: `insert into payment_event (show_id, provider, event_id, payment_id, status, amount, currency, dispute_id,
            capture_reference)
          values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
        values: [showId, provider, eventId, paymentId, ...columns],
      }),
    );
    return rowCount === 1;
  }

  async recordRefundBegun({ showId, refundId, attempts }: StoredRefund, reference: string): Promise<void> {
    await this.pool.query(
      withTimeout({
        name: 'refund-begun',
        text: 'update refund set reference = $4 where show_id = $1 and refund_id = $2 and attempts = $3',
        values: [showId, refundId, attempts, reference],
      }),
    );
  }

  async recordRefundPaid(
    { showId, refundId, paymentId }: StoredRefund,
    reference: string | null,
    total?: number,
  ): Promise<number> {
    await this.pool.query(
      withTimeout({
        name: 'refund-paid',
        // If staff refunded a part of the payment at the provider, this refund is reduced to the rest.
        text: `update refund r set paid_at = coalesce(paid_at, now()), reference = coalesce(reference, $3),
            amount = case when paid_at is null and $4::bigint is not null then least(amount, greatest(0, $4::bigint -
              (select coalesce(sum(o.amount), 0) from refund o where o.show_id = $1 and o.payment_id = r.payment_id
                and o.paid_at is not null))) else amount end
          where show_id = $1 and refund_id = $2`,
        values: [showId, refundId, reference, total ?? null],
      }),
    );
    // The count is a second statement, because two refunds that are paid at the same time must see each other as paid.
    const { rows } = await this.pool.query<{ unpaid: number }>(
      withTimeout({
        name: 'refunds-unpaid',
        text: `select count(*)::int as unpaid from refund where show_id = $1 and payment_id = $2 and paid_at is null`,
        values: [showId, paymentId],
      }),
    );
    return rows[0]?.unpaid ?? 0;
  }

  /**
   * Lists a booking's refunds, oldest first. The query starts at the booking's payments, because they have an index by
   * booking.
   */
  async refundsOf(showId: number, bookingId: string): Promise<Refund[]> {
    const { rows } = await this.pool.query<RefundRow>(
      withTimeout({
        name: 'refunds-of-booking',
        text: `select r.refund_id as "refundId", r.payment_id as "paymentId", r.kind, r.amount::float8 as amount, r.currency,
            ${toEpochMs('r.made_at')} as "madeAt", ${toEpochMs('r.paid_at')} as "paidAt"
          from payment p join refund r on r.show_id = p.show_id and r.payment_id = p.payment_id
          where p.show_id = $1 and p.booking_id = $2 order by r.made_at, r.refund_id`,
        values: [showId, bookingId],
      }),
    );
    return rows.map(toRefund);
  }

  /** Deletes handled webhooks that were received more than the given number of days ago. */
  async deleteEvents(days: number): Promise<void> {
    await this.pool.query(
      `delete from payment_event where due_at is null and received_at < now() - $1 * interval '1 day'`,
      [days],
    );
  }

  /** Finds a booking's payment by its idempotency key. */
  findByKey({ showId, bookingId, key }: NewPayment): Promise<StoredPayment | null> {
    return this.findOne('show_id = $1 and booking_id = $2 and key = $3', [showId, bookingId, key]);
  }

  private async findOne(where: string, values: unknown[]): Promise<StoredPayment | null> {
    const text = `select ${paymentColumns} from payment t where ${where}`;
    return (await this.pool.query<StoredPayment>(withTimeout({ text, values }))).rows[0] ?? null;
  }
}
