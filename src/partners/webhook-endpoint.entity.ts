import { defineEntity, p } from '@mikro-orm/postgresql';
import type { SecretColumn } from '../database/column-cipher.js';

const WebhookEndpointRowSchema = defineEntity({
  name: 'WebhookEndpointRow',
  tableName: 'webhook_endpoint',
  comment: 'Addresses at which owners of API keys receive webhooks',
  properties: {
    endpointId: p.uuid().primary().fieldName('endpoint_id'),
    keyId: p
      .uuid()
      .fieldName('key_id')
      .nullable()
      .comment('the API key that owns the endpoint; null for the key in the settings'),
    url: p.string().length(2048),
    events: p.array().columnType('varchar(32)[]'),
    secret: p.text().comment('signs the webhooks; encrypted'),
    createdAt: p.datetime(3).fieldName('created_at').defaultRaw('now()'),
    goneAt: p.datetime(3).fieldName('gone_at').nullable().comment('time since which the endpoint answers 410'),
  },
  indexes: [{ name: 'webhook_endpoint_by_key', properties: ['keyId'] }],
});

/**
 * A webhook endpoint. The size of the table depends on partners and not on sales, so its key does not contain
 * `show_id`.
 */
export class WebhookEndpointRow extends WebhookEndpointRowSchema.class {}
WebhookEndpointRowSchema.setClass(WebhookEndpointRow);

/** The secrets that sign webhooks. */
export const webhookSecretColumn: SecretColumn = { table: 'webhook_endpoint', key: 'endpoint_id', column: 'secret' };
