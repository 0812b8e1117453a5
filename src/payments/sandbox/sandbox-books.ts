import { Inject, Injectable } from '@nestjs/common';
import type { PaymentMethod } from '@usher/contract';
import type { Pool } from 'pg';
import { PG_POOL } from '../../database/pg-pool.js';
import type { SandboxOrder } from './sandbox-wire.js';

/** A payment in the sandbox provider's tables. */
export interface SandboxPaymentRow {
  readonly showId: number;
  readonly paymentId: string;
  readonly reference: string;
  readonly amount: number;
  readonly currency: string;
  readonly method: PaymentMethod;
  readonly description: string;
  readonly returnUrl: string | null;
  readonly redirectUrl: string;
  readonly status: 'pending' | 'declined' | 'succeeded';
  /** Whether the time for the payment is over. */
  readonly isOver: boolean;
  /** How long the provider delays its responses about the payment. With 0, it responds at once. */
  readonly silentMs: number;
  /** Whether the provider still reports the payment as pending although the payment is no longer pending. */
  readonly isReportedPending: boolean;
}

/** The result of an attempt to pay, and how the provider reports it. */
export interface CardResult {
  readonly status: 'declined' | 'succeeded';
  /** How long the provider delays its responses about the payment. */
  readonly silentMs: number;
  /** How long the provider reports the payment as pending. */
  readonly reportedPendingMs: number;
  readonly webhooks: readonly SandboxWebhook[];
}

/** A webhook to be sent after a delay. */
export interface SandboxWebhook {
  readonly eventId: string;
  readonly body: string;
  readonly inMs: number;
}

const columns = `show_id as "showId", payment_id as "paymentId", reference, amount::float8 as amount, currency, method, description,
  return_url as "returnUrl", redirect_url as "redirectUrl", status,
  status <> 'succeeded' and expires_at <= now() as "isOver",
  greatest(0, coalesce(extract(epoch from silent_until - now()) * 1000, 0))::float8 as "silentMs",
  coalesce(pending_until > now(), false) as "isReportedPending"`;

/** The tables of the sandbox provider. As with an external provider, the service reads them only through the API. */
@Injectable()
export class SandboxBooks {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /** Opens a payment. A payment that is already open stays unchanged. */
  async open(order: SandboxOrder, names: { reference: string; redirectUrl: string }, openMs: number) {
    const { showId, paymentId, price, method, description, returnUrl, madeAt } = order;
    await this.pool.query(
      `insert into sandbox_payment (show_id, payment_id, reference, amount, currency, method, description, return_url,
         redirect_url, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, timestamptz 'epoch' + $10 * interval '1 ms') on conflict do nothing`,
      [
        showId,
        paymentId,
        names.reference,
        price.amount,
        price.currency,
        method,
        description,
        returnUrl,
        names.redirectUrl,
        madeAt + openMs,
      ],
    );
    const { rows } = await this.pool.query<SandboxPaymentRow>(
      `select ${columns} from sandbox_payment where show_id = $1 and payment_id = $2`,
      [showId, paymentId],
    );
    if (!rows[0]) throw new Error('the payment that was just opened is not in the table');
    return rows[0];
  }

  async find(reference: string): Promise<SandboxPaymentRow | null> {
    const { rows } = await this.pool.query<SandboxPaymentRow>(
      `select ${columns} from sandbox_payment where reference = $1`,
      [reference],
    );
    return rows[0] ?? null;
  }

  /**
   * Records the result of an attempt to pay, and inserts the webhooks that report it. Money is taken only once.
   *
   * @returns false if the money was taken before, or if the time for the payment is over
   */
  async settle(
    { showId, paymentId }: SandboxPaymentRow,
    { status, silentMs, reportedPendingMs, webhooks }: CardResult,
  ): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `with settled as (
         update sandbox_payment set status = $3, silent_until = now() + nullif($4::float8, 0) * interval '1 ms',
           pending_until = now() + nullif($8::float8, 0) * interval '1 ms'
         where show_id = $1 and payment_id = $2 and status <> 'succeeded' and expires_at > now() returning show_id
       ), delivery as (
         insert into sandbox_delivery (show_id, event_id, body, due_at)
         select show_id, event_id, body, now() + in_ms * interval '1 ms'
         from settled, unnest($5::uuid[], $6::text[], $7::float8[]) as d (event_id, body, in_ms)
       )
       select from settled`,
      [
        showId,
        paymentId,
        status,
        silentMs,
        webhooks.map(({ eventId }) => eventId),
        webhooks.map(({ body }) => body),
        webhooks.map(({ inMs }) => inMs),
        reportedPendingMs,
      ],
    );
    return rowCount === 1;
  }

  /** Ends the time for a payment, unless it has taken money. */
  async cancel(reference: string): Promise<void> {
    await this.pool.query(
      // The column has milliseconds. Rounded up, the payment could still be open when it is read at once.
      `update sandbox_payment set expires_at = least(expires_at, date_trunc('milliseconds', now()))
       where reference = $1 and status <> 'succeeded'`,
      [reference],
    );
  }

  /** Refunds money, once per refund id. @returns false if the refund exceeds what is left of the payment */
  async refund(reference: string, refundId: string, amount: number): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `update sandbox_payment set refunds = refunds || jsonb_build_object($2::text, $3::bigint)
       where reference = $1 and status = 'succeeded' and (refunds ? $2::text or amount >= $3::bigint +
         (select coalesce(sum(value::bigint), 0) from jsonb_each_text(refunds)))`,
      [reference, refundId, amount],
    );
    return rowCount === 1;
  }
}
