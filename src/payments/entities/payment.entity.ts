import { defineEntity, p } from '@mikro-orm/postgresql';
import { PaymentStatus } from '@usher/contract';

const PaymentSchema = defineEntity({
  name: 'Payment',
  tableName: 'payment',
  comment: 'Payments; for each open payment, a worker opens it at the provider and polls its status',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    paymentId: p.uuid().primary().fieldName('payment_id').comment('the idempotency key at the provider'),
    bookingId: p.uuid().fieldName('booking_id'),
    sessionId: p.uuid().fieldName('session_id'),
    provider: p.string().length(16),
    method: p.string().length(8),
    amount: p.bigint('number').comment('minor units'),
    currency: p.string().columnType('char(3)'),
    onConflict: p.string().length(16).fieldName('on_conflict').comment('policy if the money comes too late'),
    status: p.string().length(16),
    description: p.text(),
    baseUrl: p.text().fieldName('base_url'),
    returnUrl: p.text().fieldName('return_url').nullable(),
    key: p.string().length(128).nullable(),
    reference: p.text().nullable().comment('the id at the provider; null if the payment may not be open there'),
    redirectUrl: p.text().fieldName('redirect_url').nullable(),
    qrCode: p.text().fieldName('qr_code').nullable(),
    failureCode: p
      .string()
      .length(32)
      .fieldName('failure_code')
      .nullable()
      .comment('reason why the provider refused the payment'),
    failureDetail: p.text().fieldName('failure_detail').nullable(),
    captureReference: p
      .text()
      .fieldName('capture_reference')
      .nullable()
      .comment('the id of the capture at the provider'),
    disputes: p
      .json()
      .$type<Record<string, string>>()
      .defaultRaw("'{}'")
      .comment('the status of each dispute: open, won or lost'),
    madeAt: p.datetime(3).fieldName('made_at').defaultRaw('now()'),
    dueAt: p.datetime(3).fieldName('due_at').nullable().comment('time of the next poll; null if no change is expected'),
    attempts: p.integer().default(0),
  },
  checks: [
    { name: 'payment_status', expression: `status in (${PaymentStatus.options.map((s) => `'${s}'`).join(', ')})` },
  ],
  uniques: [{ name: 'payment_by_key', properties: ['showId', 'bookingId', 'key'] }],
  indexes: [
    { name: 'payment_by_id', properties: ['paymentId'] },
    {
      name: 'payment_by_capture',
      expression: 'create index payment_by_capture on payment (capture_reference) where capture_reference is not null',
    },
    { name: 'payment_by_due', expression: 'create index payment_by_due on payment (due_at) where due_at is not null' },
  ],
});

/** A payment. */
export class Payment extends PaymentSchema.class {}
PaymentSchema.setClass(Payment);
