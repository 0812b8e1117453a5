import { defineEntity, p } from '@mikro-orm/postgresql';

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
    secret: p.string().length(64).comment('signs the webhooks, so it is stored in plain text'),
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
