import { defineEntity, p } from '@mikro-orm/postgresql';

const SandboxDeliverySchema = defineEntity({
  name: 'SandboxDelivery',
  tableName: 'sandbox_delivery',
  comment: "Outbox of the sandbox provider's webhooks",
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    deliveryId: p.uuid().primary().fieldName('delivery_id').defaultRaw('gen_random_uuid()'),
    eventId: p.uuid().fieldName('event_id'),
    body: p.text(),
    dueAt: p.datetime(3).fieldName('due_at').nullable(),
    attempts: p.integer().default(0),
  },
  indexes: [{ name: 'sandbox_delivery_by_due', properties: ['dueAt'] }],
});

/** A webhook of the sandbox provider. */
export class SandboxDelivery extends SandboxDeliverySchema.class {}
SandboxDeliverySchema.setClass(SandboxDelivery);
