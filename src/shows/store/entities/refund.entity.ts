import { defineEntity, p } from '@mikro-orm/postgresql';

const RefundSchema = defineEntity({
  name: 'Refund',
  tableName: 'refund',
  comment: 'Refunds; the transaction that frees the seats inserts the row',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    refundId: p.uuid().primary().fieldName('refund_id').comment('the idempotency key at the provider'),
    paymentId: p.uuid().fieldName('payment_id'),
    bookingId: p.uuid().fieldName('booking_id'),
    amount: p.bigint('number').comment('minor units'),
    currency: p.string().columnType('char(3)'),
    kind: p
      .string()
      .length(8)
      .comment('returned: the payment found no seats; whole: the last seats of the booking; part: some of its seats'),
    reference: p.text().nullable().comment('the id at the provider'),
    madeAt: p.datetime(3).fieldName('made_at').defaultRaw('now()'),
    paidAt: p.datetime(3).fieldName('paid_at').nullable().comment('time at which the provider paid the money back'),
    dueAt: p
      .datetime(3)
      .fieldName('due_at')
      .nullable()
      .defaultRaw('now()')
      .comment('time of the next attempt; null after the refund was settled'),
    attempts: p.integer().default(0),
  },
  checks: [{ name: 'refund_kind', expression: `kind in ('returned', 'whole', 'part')` }],
  indexes: [
    { name: 'refund_by_payment', properties: ['showId', 'paymentId'] },
    { name: 'refund_by_due', expression: 'create index refund_by_due on refund (due_at) where due_at is not null' },
  ],
});

/** The row of a refund. The show's lane inserts it, and the node that sends the refund to the provider settles it. */
export class Refund extends RefundSchema.class {}
RefundSchema.setClass(Refund);
