import { defineEntity, p } from '@mikro-orm/postgresql';
import { type WebhookEvent, WebhookDeliveryStatus } from '@usher/contract';

const WebhookDeliveryRowSchema = defineEntity({
  name: 'WebhookDeliveryRow',
  tableName: 'webhook_delivery',
  comment:
    'Outbox of webhooks to partners, one row per event and endpoint; the transaction that reads the event inserts the row',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    deliveryId: p.uuid().primary().fieldName('delivery_id'),
    endpointId: p.uuid().fieldName('endpoint_id'),
    event: p.json<WebhookEvent>(),
    status: p.string().length(16).default('pending'),
    dueAt: p
      .datetime(3)
      .fieldName('due_at')
      .defaultRaw('now()')
      .comment('time of the next attempt; in the future while an attempt runs'),
    giveUpAt: p.datetime(3).fieldName('give_up_at').comment('time after which no attempt is made'),
    attempts: p.integer().default(0),
    lastResult: p.string().length(64).fieldName('last_result').nullable(),
    createdAt: p.datetime(3).fieldName('created_at').defaultRaw('now()'),
  },
  checks: [
    {
      name: 'webhook_delivery_status',
      expression: `status in (${WebhookDeliveryStatus.options.map((status) => `'${status}'`).join(', ')})`,
    },
  ],
  indexes: [
    {
      name: 'webhook_delivery_pending',
      expression: "create index webhook_delivery_pending on webhook_delivery (due_at) where status = 'pending'",
    },
    { name: 'webhook_delivery_by_endpoint', properties: ['endpointId', 'deliveryId'] },
  ],
});

/** A row of the webhook outbox. */
export class WebhookDeliveryRow extends WebhookDeliveryRowSchema.class {}
WebhookDeliveryRowSchema.setClass(WebhookDeliveryRow);
