import { defineEntity, p } from '@mikro-orm/postgresql';

const PaymentEventSchema = defineEntity({
  name: 'PaymentEvent',
  tableName: 'payment_event',
  comment: 'Inbox of webhooks of payment providers; a repeated webhook has one row',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    provider: p.string().length(16).primary(),
    eventId: p.string().length(255).primary().fieldName('event_id'),
    paymentId: p.uuid().fieldName('payment_id'),
    status: p.string().length(16),
    amount: p.bigint('number').nullable().comment('the captured or refunded amount in minor units'),
    currency: p.string().columnType('char(3)').nullable(),
    disputeId: p.string().length(255).fieldName('dispute_id').nullable(),
    captureReference: p.text().fieldName('capture_reference').nullable(),
    receivedAt: p.datetime(3).fieldName('received_at').defaultRaw('now()'),
    dueAt: p
      .datetime(3)
      .fieldName('due_at')
      .nullable()
      .defaultRaw('now()')
      .comment('time of the next attempt; null after the webhook was handled'),
    attempts: p.integer().default(0),
  },
  indexes: [
    {
      name: 'payment_event_by_due',
      expression: 'create index payment_event_by_due on payment_event (due_at) where due_at is not null',
    },
    {
      name: 'payment_event_handled',
      expression: 'create index payment_event_handled on payment_event (received_at) where due_at is null',
    },
  ],
});

/** A webhook that a payment provider has sent. */
export class PaymentEvent extends PaymentEventSchema.class {}
PaymentEventSchema.setClass(PaymentEvent);
