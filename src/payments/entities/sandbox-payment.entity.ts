import { defineEntity, p } from '@mikro-orm/postgresql';

const SandboxPaymentSchema = defineEntity({
  name: 'SandboxPayment',
  tableName: 'sandbox_payment',
  comment: 'Payments at the sandbox provider; the service reads them over HTTP only, as with any other provider',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    paymentId: p.uuid().primary().fieldName('payment_id').comment('the id in the service'),
    reference: p.uuid().comment('the id at the provider'),
    amount: p.bigint('number').comment('minor units'),
    currency: p.string().columnType('char(3)'),
    method: p.string().length(8),
    description: p.text(),
    returnUrl: p.text().fieldName('return_url').nullable(),
    redirectUrl: p.text().fieldName('redirect_url'),
    status: p.string().length(16).default('pending'),
    expiresAt: p.datetime(3).fieldName('expires_at').comment('time after which the provider takes no money'),
    silentUntil: p
      .datetime(3)
      .fieldName('silent_until')
      .nullable()
      .comment('time until which the provider does not report the payment'),
    pendingUntil: p
      .datetime(3)
      .fieldName('pending_until')
      .nullable()
      .comment('time until which the provider reports the payment as pending'),
    refunds: p
      .json()
      .$type<Record<string, number>>()
      .defaultRaw("'{}'")
      .comment('refunded amounts in minor units, by idempotency key'),
  },
  checks: [{ name: 'sandbox_payment_status', expression: `status in ('pending', 'declined', 'succeeded')` }],
  indexes: [{ name: 'sandbox_payment_by_reference', properties: ['reference'] }],
});

/** A payment in the sandbox provider's books. */
export class SandboxPayment extends SandboxPaymentSchema.class {}
SandboxPaymentSchema.setClass(SandboxPayment);
