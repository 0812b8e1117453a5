import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type {
  Page,
  WebhookEndpoint,
  WebhookEndpointBody,
  WebhookEndpointMade,
  WebhookEventType,
} from '@usher/contract';
import type { Pool, PoolClient } from 'pg';
import { createNotFoundError } from '../common/domain-error.js';
import { createId } from '../common/ids.js';
import { createInvalidRequestError } from '../common/invalid-request.js';
import { isPrivateLiteral } from '../common/public-hosts.js';
import { CONFIG, type Config } from '../config/config.js';
import { ColumnCipher } from '../database/column-cipher.js';
import { runInTransaction } from '../database/in-transaction.js';
import { PG_POOL } from '../database/pg-pool.js';
import { toIso, toIsoOrNull, toEpochMs } from '../database/sql-time.js';
import {
  appendAuditEntry,
  type AuditCaller,
  type AuditRecord,
  isLiveKey,
  keyCinemas,
  once,
  scopeCondition,
} from '../access/index.js';
import { webhookSecretColumn } from './webhook-endpoint.entity.js';

interface EndpointRow extends Omit<WebhookEndpoint, 'createdAt' | 'goneAt'> {
  readonly createdAt: number;
  readonly goneAt: number | null;
}

const columns = `endpoint_id as "endpointId", url, events, ${toEpochMs('created_at')} as "createdAt", ${toEpochMs('gone_at')} as "goneAt"`;

const toEndpoint = ({ createdAt, goneAt, ...row }: EndpointRow): WebhookEndpoint => ({
  ...row,
  createdAt: toIso(createdAt),
  goneAt: toIsoOrNull(goneAt),
});

/**
 * SQL condition for endpoints that get events. Such an endpoint is not gone, and its API key is still valid. The query
 * must give `webhook_endpoint` the alias `e`.
 */
export const isActiveEndpoint = `e.gone_at is null and not exists (
  select from api_key k where k.key_id = e.key_id and not (${isLiveKey('k')}))`;

/**
 * SQL condition for endpoints whose API key may see a show. The query must give `webhook_endpoint` the alias `e`.
 *
 * @param showId the SQL of the show's id
 */
export const maySeeShow = (showId: string): string => `not exists (select from api_key k where k.key_id = e.key_id
  and not (${scopeCondition(showId, { showId: 'k.show_id', cinemaIds: keyCinemas('k') })}))`;

/** Returns the fields of an endpoint that the audit trail records. The path of a URL may contain a secret. */
const auditedFields = ({ url, events }: Pick<EndpointRow, 'url' | 'events'>) => ({
  origin: new URL(url).origin,
  events: [...events],
});

/** Returns the audit record of a change to an endpoint. */
export const endpointRecord = (
  caller: AuditCaller,
  action: 'webhook.create' | 'webhook.delete' | 'webhook.replay',
  endpointId: string,
  before: AuditRecord['before'],
  after: AuditRecord['after'],
): AuditRecord => ({ caller, action, showId: null, subject: { kind: 'webhook', id: endpointId }, before, after });

/** Maximum number of endpoints per API key. */
const endpointsMax = 20;

/**
 * Stores the webhook endpoints of partners. The owner of an API key sees and changes only the endpoints of this key.
 */
@Injectable()
export class WebhookEndpointsRepository {
  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    @Inject(CONFIG) private readonly config: Config,
    private readonly cipher: ColumnCipher,
  ) {}

  /**
   * Registers a partner's endpoint.
   *
   * @param keyId the partner's key; null for the key in the settings
   * @throws DomainError `INVALID_REQUEST`
   */
  async create(
    keyId: string | null,
    { url, events }: WebhookEndpointBody,
    caller: AuditCaller,
  ): Promise<WebhookEndpointMade> {
    const { href } = this.parseUrl(url);
    return runInTransaction(this.pool, (client) =>
      once(client, async () => {
        const made = await this.insert(client, keyId, href, events);
        await appendAuditEntry(
          client,
          endpointRecord(caller, 'webhook.create', made.endpointId, null, auditedFields(made)),
        );
        return made;
      }),
    );
  }

  private async insert(client: PoolClient, keyId: string | null, href: string, events: readonly WebhookEventType[]) {
    // Standard Webhooks defines this form of a secret.
    const secret = `whsec_${randomBytes(24).toString('base64')}`;
    const endpointId = createId();
    const encrypted = this.cipher.encrypt(webhookSecretColumn, endpointId, secret);
    const { rows } = await client.query<EndpointRow>(
      `insert into webhook_endpoint (endpoint_id, key_id, url, events, secret) select $1, $2, $3, $4, $5
       where (select count(*) from webhook_endpoint where key_id is not distinct from $2) < $6 returning ${columns}`,
      [endpointId, keyId, href, [...new Set(events)], encrypted, endpointsMax],
    );
    if (!rows[0]) {
      throw createInvalidRequestError([
        { path: ['url'], message: `would exceed the limit of ${endpointsMax} webhooks per key; delete one first` },
      ]);
    }
    return { ...toEndpoint(rows[0]), secret };
  }

  /** Lists the endpoints of a key, newest first. @param cursor id of the last endpoint of the previous page */
  async list(keyId: string | null, limit: number, cursor: string | null): Promise<Page<WebhookEndpoint>> {
    const { rows } = await this.pool.query<EndpointRow>(
      `select ${columns} from webhook_endpoint
       where key_id is not distinct from $1 and ($2::uuid is null or endpoint_id < $2)
       order by endpoint_id desc limit $3`,
      [keyId, cursor, limit + 1],
    );
    const items = rows.slice(0, limit).map(toEndpoint);
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.endpointId ?? null) : null };
  }

  /** Deletes an endpoint and its deliveries. @throws DomainError `NOT_FOUND` */
  async delete(keyId: string | null, endpointId: string, caller: AuditCaller): Promise<void> {
    await runInTransaction(this.pool, async (client) => {
      const deleted = await this.deleteRows(client, keyId, endpointId);
      if (!deleted) throw createNotFoundError('webhook');
      await appendAuditEntry(
        client,
        endpointRecord(caller, 'webhook.delete', endpointId, auditedFields(deleted), null),
      );
    });
  }

  private async deleteRows(client: PoolClient, keyId: string | null, endpointId: string) {
    const { rows } = await client.query<Pick<EndpointRow, 'url' | 'events'>>(
      `with removed as (
         delete from webhook_endpoint where endpoint_id = $2 and key_id is not distinct from $1
         returning endpoint_id, url, events
       ), deliveries as (
         delete from webhook_delivery d using removed where d.endpoint_id = removed.endpoint_id
       )
       select url, events from removed`,
      [keyId, endpointId],
    );
    return rows[0] ?? null;
  }

  /** Returns true if at least one endpoint gets events. */
  async hasActive(): Promise<boolean> {
    const { rowCount } = await this.pool.query(`select from webhook_endpoint e where ${isActiveEndpoint} limit 1`);
    return (rowCount ?? 0) > 0;
  }

  /** Marks an endpoint as gone, so that it gets no more events. */
  async markGone(endpointId: string): Promise<void> {
    await this.pool.query('update webhook_endpoint set gone_at = coalesce(gone_at, now()) where endpoint_id = $1', [
      endpointId,
    ]);
  }

  /** @throws DomainError `NOT_FOUND` unless the endpoint belongs to the key */
  async requireOwn(keyId: string | null, endpointId: string): Promise<void> {
    const { rowCount } = await this.pool.query(
      'select from webhook_endpoint where endpoint_id = $2 and key_id is not distinct from $1',
      [keyId, endpointId],
    );
    if (rowCount === 0) throw createNotFoundError('webhook');
  }

  private parseUrl(endpoint: string): URL {
    const url = new URL(endpoint);
    const refuse = (message: string) => createInvalidRequestError([{ path: ['url'], message }]);
    if (url.username !== '' || url.password !== '') throw refuse('must not contain a user name or password');
    if (this.config.canCallPrivateWebhooks) return url;
    if (url.protocol !== 'https:') throw refuse('must be an https: URL');
    if (isPrivateLiteral(url)) throw refuse('must have a public host');
    return url;
  }
}
