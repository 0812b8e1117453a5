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
import { runInTransaction } from '../database/in-transaction.js';
import { PG_POOL } from '../database/pg-pool.js';
import { toIso, toIsoOrNull, toEpochMs } from '../database/sql-time.js';
import { once } from '../access/index.js';

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

/** Addresses that one key may hear at. */
const endpointsMax = 20;

/** Where the owners of keys want to hear of events. Each sees and changes their own only. */
@Injectable()
export class WebhookEndpoints {
  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @param keyId whose, null: the key's of the settings @throws DomainError `INVALID_REQUEST` */
  async create(keyId: string | null, { url, events }: WebhookEndpointBody): Promise<WebhookEndpointMade> {
    const { href } = this.callable(url);
    return runInTransaction(this.pool, (client) => once(client, () => this.insert(client, keyId, href, events)));
  }

  private async insert(client: PoolClient, keyId: string | null, href: string, events: readonly WebhookEventType[]) {
    // 24 bytes and a prefix, as the convention has secrets.
    const secret = `whsec_${randomBytes(24).toString('base64')}`;
    const { rows } = await client.query<EndpointRow>(
      `insert into webhook_endpoint (endpoint_id, key_id, url, events, secret) select $1, $2, $3, $4, $5
       where (select count(*) from webhook_endpoint where key_id is not distinct from $2) < $6 returning ${columns}`,
      [createId(), keyId, href, [...new Set(events)], secret, endpointsMax],
    );
    if (!rows[0]) {
      throw createInvalidRequestError([
        { path: ['url'], message: `a key has ${endpointsMax} addresses at most: delete one` },
      ]);
    }
    return { ...toEndpoint(rows[0]), secret };
  }

  /** Newest first. @param cursor the endpoint after which the page begins */
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

  /** Forgets an endpoint and all that is still on its way to it. @throws DomainError `NOT_FOUND` */
  async remove(keyId: string | null, endpointId: string): Promise<void> {
    const { rowCount } = await this.pool.query(
      `with removed as (
         delete from webhook_endpoint where endpoint_id = $2 and key_id is not distinct from $1 returning endpoint_id
       ), deliveries as (
         delete from webhook_delivery d using removed where d.endpoint_id = removed.endpoint_id
       )
       select from removed`,
      [keyId, endpointId],
    );
    if (rowCount === 0) throw createNotFoundError('webhook');
  }

  /** @throws DomainError `NOT_FOUND` unless the endpoint is the key's */
  async requireOwn(keyId: string | null, endpointId: string): Promise<void> {
    const { rowCount } = await this.pool.query(
      'select from webhook_endpoint where endpoint_id = $2 and key_id is not distinct from $1',
      [keyId, endpointId],
    );
    if (rowCount === 0) throw createNotFoundError('webhook');
  }

  private callable(endpoint: string): URL {
    const url = new URL(endpoint);
    const refuse = (message: string) => createInvalidRequestError([{ path: ['url'], message }]);
    if (url.username !== '' || url.password !== '') throw refuse('must carry no name and password');
    if (this.config.canCallPrivateWebhooks) return url;
    if (url.protocol !== 'https:') throw refuse('must be https');
    if (isPrivateLiteral(url)) throw refuse('must be on the public internet');
    return url;
  }
}
