import { Inject, Injectable } from '@nestjs/common';
import type { Page, WebhookDelivery, WebhookDeliveryStatus, WebhookEvent, WebhookReplayBody } from '@usher/contract';
import type { Pool, PoolClient } from 'pg';
import { createId } from '../common/ids.js';
import { runInTransaction } from '../database/in-transaction.js';
import { PG_POOL } from '../database/pg-pool.js';
import { toIso, toIsoOrNull, toEpochMs } from '../database/sql-time.js';
import { appendAuditEntry, type AuditCaller, once } from '../access/index.js';
import { endpointRecord, isActiveEndpoint, maySeeShow } from './webhook-endpoints.repository.js';

interface DeliveryRow extends Omit<WebhookDelivery, 'createdAt' | 'nextAttemptAt'> {
  readonly createdAt: number;
  readonly nextAttemptAt: number | null;
}

/** Number of days during which the service tries to deliver an event. */
const deliveryDaysMax = 3;

/** Number of days after its creation during which a finished delivery can be looked up and replayed. */
const retentionDays = 14;

/** Maximum number of deliveries that one replay sends again. */
const replayMax = 10_000;

/** Stores the deliveries of events to the endpoints of partners. A {@link WebhookWorker} sends the deliveries. */
@Injectable()
export class WebhookDeliveriesRepository {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /**
   * Inserts one delivery for each event and endpoint. Skips endpoints that were registered after the event, and endpoints
   * whose key may not see the show.
   */
  async add(client: PoolClient, showId: number, events: readonly WebhookEvent[]): Promise<void> {
    const { rows: endpoints } = await client.query<{ endpointId: string; events: string[]; createdAt: number }>(
      `select e.endpoint_id as "endpointId", e.events, ${toEpochMs('e.created_at')} as "createdAt"
       from webhook_endpoint e where ${isActiveEndpoint} and ${maySeeShow('$1::int')}`,
      [showId],
    );
    const deliveries = events.flatMap((event) =>
      endpoints
        .filter(
          ({ events: types, createdAt }) => types.includes(event.type) && createdAt <= Date.parse(event.timestamp),
        )
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
        deliveryDaysMax,
      ],
    );
  }

  /** Lists the deliveries to an endpoint, newest first. @param cursor id of the last delivery of the previous page */
  async list(
    endpointId: string,
    status: WebhookDeliveryStatus | null,
    limit: number,
    cursor: string | null,
  ): Promise<Page<WebhookDelivery>> {
    const { rows } = await this.pool.query<DeliveryRow>(
      `select delivery_id as "deliveryId", event, status, attempts, last_result as "lastResult",
         ${toEpochMs('created_at')} as "createdAt", case when status = 'pending' then ${toEpochMs('due_at')} end as "nextAttemptAt"
       from webhook_delivery
       where endpoint_id = $1 and ($2::text is null or status = $2) and ($3::uuid is null or delivery_id < $3)
       order by delivery_id desc limit $4`,
      [endpointId, status, cursor, limit + 1],
    );
    const items = rows.slice(0, limit).map(({ createdAt, nextAttemptAt, ...row }) => ({
      ...row,
      createdAt: toIso(createdAt),
      nextAttemptAt: toIsoOrNull(nextAttemptAt),
    }));
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.deliveryId ?? null) : null };
  }

  /** Makes deliveries due again, with their old ids and a new time limit. @returns the number of these deliveries */
  async replay(endpointId: string, selection: WebhookReplayBody, caller: AuditCaller): Promise<number> {
    return runInTransaction(this.pool, (client) =>
      once(client, async () => {
        const deliveries = await this.makeDue(client, endpointId, selection);
        const after = { ...selection, deliveries };
        if (deliveries > 0)
          await appendAuditEntry(client, endpointRecord(caller, 'webhook.replay', endpointId, null, after));
        return deliveries;
      }),
    );
  }

  /** Deletes finished deliveries that are too old to be looked up. */
  async deleteOld(): Promise<void> {
    await this.pool.query(
      `delete from webhook_delivery where status <> 'pending' and created_at < now() - $1 * interval '1 day'`,
      [retentionDays],
    );
  }

  private async makeDue(client: PoolClient, endpointId: string, selection: WebhookReplayBody): Promise<number> {
    const [deliveryId, since] = 'since' in selection ? [null, selection.since] : [selection.deliveryId, null];
    const { rowCount } = await client.query(
      `update webhook_delivery d set status = 'pending', due_at = now(), attempts = 0,
         give_up_at = now() + $4 * interval '1 day'
       from (select show_id, delivery_id from webhook_delivery where endpoint_id = $1
         and ($2::uuid is null or delivery_id = $2) and ($3::timestamptz is null or created_at >= $3)
         order by delivery_id limit $5) selected
       where d.show_id = selected.show_id and d.delivery_id = selected.delivery_id`,
      [endpointId, deliveryId, since, deliveryDaysMax, replayMax],
    );
    return rowCount ?? 0;
  }
}
