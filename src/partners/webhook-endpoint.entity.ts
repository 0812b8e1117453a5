import { defineEntity, p } from '@mikro-orm/postgresql';

const WebhookEndpointRowSchema = defineEntity({
  name: 'WebhookEndpointRow',
  tableName: 'webhook_endpoint',
  comment: 'Where the owners of keys want to hear of events',
  properties: {
    endpointId: p.uuid().primary().fieldName('endpoint_id'),
    keyId: p.uuid().fieldName('key_id').nullable().comment('whose; null: of the key in the settings'),
    url: p.string().length(2048),
    events: p.array().columnType('varchar(32)[]'),
    secret: p.string().length(64).comment('signs what is sent, so it is kept as it is'),
    createdAt: p.datetime(3).fieldName('created_at').defaultRaw('now()'),
    goneAt: p.datetime(3).fieldName('gone_at').nullable().comment('since when it answers 410'),
  },
  indexes: [{ name: 'webhook_endpoint_by_key', properties: ['keyId'] }],
});

/** A webhook endpoint. The table grows with partners and not with sales, so `show_id` is not in its key. */
export class WebhookEndpointRow extends WebhookEndpointRowSchema.class {}
WebhookEndpointRowSchema.setClass(WebhookEndpointRow);
