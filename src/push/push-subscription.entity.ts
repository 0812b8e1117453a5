import { defineEntity, p } from '@mikro-orm/postgresql';

const PushSubscriptionRowSchema = defineEntity({
  name: 'PushSubscriptionRow',
  tableName: 'push_subscription',
  comment: 'Browsers to which a session has its offers and admissions pushed',
  properties: {
    sessionId: p.uuid().primary().fieldName('session_id'),
    endpointHash: p.string().columnType('char(64)').primary().fieldName('endpoint_hash').comment('SHA-256, hex'),
    endpoint: p.text(),
    p256dh: p.string().length(128),
    auth: p.string().length(64),
    madeAt: p.datetime(3).fieldName('made_at').defaultRaw('now()'),
  },
});

/**
 * A push subscription. The size of the table depends on sessions and not on sales, so its key does not contain
 * `show_id`.
 */
export class PushSubscriptionRow extends PushSubscriptionRowSchema.class {}
PushSubscriptionRowSchema.setClass(PushSubscriptionRow);
