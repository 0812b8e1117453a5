import { Inject, Injectable } from '@nestjs/common';
import type { Page, WebhookDelivery, WebhookDeliveryStatus, WebhookEvent, WebhookReplayBody } from '@usher/contract';
import type { Pool, PoolClient } from 'pg';
import { createId } from '../common/ids.js';
import { runInTransaction } from '../database/in-transaction.js';
import { PG_POOL } from '../database/pg-pool.js';
import { toIso, toIsoOrNull, toEpochMs } from '../database/sql-time.js';
import { once } from '../access/index.js';

/** A delivery that this node may try until its claim ends. */
export interface ClaimedDelivery {
  readonly showId: number;
  readonly deliveryId: string;
  readonly endpointId: string;
  readonly event: WebhookEvent;
  /** Counts the one that the claim is for. */
  readonly attempts: number;
  /** How long it is worth trying, from the claim on. */
  readonly msLeft: number;
  /** Null: nobody is to hear it any more, as the key was revoked or the address is gone. */
  readonly to: { readonly url: string; readonly secret: string } | null;
}

interface DeliveryRow extends Omit<WebhookDelivery, 'createdAt' | 'nextAttemptAt'> {
  readonly createdAt: number;
  readonly nextAttemptAt: number | null;
}

/** How long an event is tried, and how long what became of it can be looked up and replayed after that. */
const tryDays = 3;
const keptDays = 14;

/** Deliveries that one replay sends again. */
const replayMax = 10_000;

const listening = `e.gone_at is null and not exists (
  select from api_key k where k.key_id = e.key_id and k.revoked_at is not null)`;

/** Events on their way to partners. A claim moves the next attempt past the time that this one can take. */
@Injectable()
export class WebhookOutbox {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /** Whether anybody wants to hear of anything. */
  async isWanted(): Promise<boolean> {
    return ((await this.pool.query(`select from webhook_endpoint e where ${listening} limit 1`)).rowCount ?? 0) > 0;
  }

  /** Writes events for all who want to hear of them, and were there when they happened. */
  async add(client: PoolClient, showId: number, events: readonly WebhookEvent[]): Promise<void> {
    const { rows: endpoints } = await client.query<{ endpointId: string; events: string[]; createdAt: number }>(
      `select endpoint_id as "endpointId", events, ${toEpochMs('created_at')} as "createdAt" from webhook_endpoint e where ${listening}`,
    );
    const deliveries = events.flatMap((event) =>
      endpoints
        .filter((one) => one.events.includes(event.type) && one.createdAt <= Date.parse(event.timestamp))
        .map(({ endpointId }) => ({ endpointId, event: JSON.stringify(event) })),
    );
    if (deliveries.length === 0) return;
    await client.query(
      `insert into webhook_delivery (show_id, delivery_id, endpoint_id, event, give_up_at)
       select $1, id, endpoint, event, now() + $5 * interval '1 day'
       from unnest($2::uuid[], $3::uuid[], $4::jsonb[]) as d (id, endpoint, event)`,
      [
        showId,
        deliveries.map(createId),
        deliveries.map(({ endpointId }) => endpointId),
        deliveries.map(({ event }) => event),
        tryDays,
      ],
    );
  }

  /**
   * Claims deliveries that are due, the longest due first.
   *
   * @param claimMs how long
   * @param without endpoints that are left out
   */
  async claim(limit: number, claimMs: number, without: readonly string[]): Promise<ClaimedDelivery[]> {
    const { rows } = await this.pool.query<ClaimedDelivery>({
      name: 'webhook-claim',
      text: `with due as materialized (
          select show_id, delivery_id, endpoint_id from webhook_delivery
          where status = 'pending' and due_at <= now() and endpoint_id <> all ($3::uuid[])
          order by due_at limit $1 for update skip locked
        )
        update webhook_delivery d set due_at = now() + $2 * interval '1 ms', attempts = d.attempts + 1
        from due left join webhook_endpoint e on e.endpoint_id = due.endpoint_id and ${listening}
        where d.show_id = due.show_id and d.delivery_id = due.delivery_id
        returning d.show_id as "showId", d.delivery_id as "deliveryId", d.endpoint_id as "endpointId", d.event,
          d.attempts, ${toEpochMs('d.give_up_at - now()')} as "msLeft",
          case when e.url is not null then json_build_object('url', e.url, 'secret', e.secret) end as "to"`,
      values: [limit, claimMs, without],
    });
    return rows;
  }

  /** An attempt is over. @param retryMs when the next one is due; null: there is none */
  async settle(
    { showId, deliveryId, attempts }: ClaimedDelivery,
    status: WebhookDeliveryStatus,
    result: string,
    retryMs: number,
  ): Promise<void> {
    // A claim that another node has taken over, or a replay, stays.
    await this.pool.query({
      name: 'webhook-settle',
      text: `update webhook_delivery set status = $4, last_result = left($5, 64), due_at = now() + $6 * interval '1 ms'
        where show_id = $1 and delivery_id = $2 and attempts = $3`,
      values: [showId, deliveryId, attempts, status, result, retryMs],
    });
  }

  /** The address says that it is gone: nothing is sent there any more. */
  async endpointGone(endpointId: string): Promise<void> {
    await this.pool.query('update webhook_endpoint set gone_at = coalesce(gone_at, now()) where endpoint_id = $1', [
      endpointId,
    ]);
  }

  /** Newest first. @param cursor the delivery after which the page begins */
  async list(endpointId: string, status: WebhookDeliveryStatus | null, limit: number, cursor: string | null) {
    const { rows } = await this.pool.query<DeliveryRow>(
      `select delivery_id as "deliveryId", event, status, attempts, last_result as "lastResult",
         ${toEpochMs('created_at')} as "createdAt", case when status = 'pending' then ${toEpochMs('due_at')} end as "nextAttemptAt"
       from webhook_delivery
       where endpoint_id = $1 and ($2::text is null or status = $2) and ($3::uuid is null or delivery_id < $3)
       order by delivery_id desc limit $4`,
      [endpointId, status, cursor, limit + 1],
    );
    const items = rows.slice(0, limit).map(({ createdAt, nextAttemptAt, ...row }): WebhookDelivery => {
      return { ...row, createdAt: toIso(createdAt), nextAttemptAt: toIsoOrNull(nextAttemptAt) };
    });
    const nextCursor = rows.length > limit ? (items.at(-1)?.deliveryId ?? null) : null;
    return { items, nextCursor } satisfies Page<WebhookDelivery>;
  }

  /** Sends deliveries again, as if they were new: under the same id. @returns how many */
  async replay(endpointId: string, what: WebhookReplayBody): Promise<number> {
    return runInTransaction(this.pool, (client) => once(client, () => this.sendAgain(client, endpointId, what)));
  }

  private async sendAgain(client: PoolClient, endpointId: string, what: WebhookReplayBody): Promise<number> {
    const [deliveryId, since] = 'since' in what ? [null, what.since] : [what.deliveryId, null];
    const { rowCount } = await client.query(
      `update webhook_delivery d set status = 'pending', due_at = now(), attempts = 0,
         give_up_at = now() + $4 * interval '1 day'
       from (select show_id, delivery_id from webhook_delivery where endpoint_id = $1
         and ($2::uuid is null or delivery_id = $2) and ($3::timestamptz is null or created_at >= $3)
         order by delivery_id limit $5) one
       where d.show_id = one.show_id and d.delivery_id = one.delivery_id`,
      [endpointId, deliveryId, since, tryDays, replayMax],
    );
    return rowCount ?? 0;
  }

  /** Forgets what was settled long ago. */
  async forgetOld(): Promise<void> {
    await this.pool.query(
      `delete from webhook_delivery where status <> 'pending' and created_at < now() - $1 * interval '1 day'`,
      [keptDays],
    );
  }
}
