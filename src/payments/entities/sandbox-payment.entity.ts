import { defineEntity, p } from '@mikro-orm/postgresql';

const SandboxPaymentSchema = defineEntity({
  name: 'SandboxPayment',
  tableName: 'sandbox_payment',
  comment: 'What the sandbox provider knows of payments: another firm’s books, which the service reads over HTTP only',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    paymentId: p.uuid().primary().fieldName('payment_id').comment('as the service calls it'),
    reference: p.uuid().comment('as the provider calls it'),
    amount: p.bigint('number').comment('minor units'),
    currency: p.string().columnType('char(3)'),
    method: p.string().length(8),
    description: p.text(),
    returnUrl: p.text().fieldName('return_url').nullable(),
    redirectUrl: p.text().fieldName('redirect_url'),
    status: p.string().length(16).default('pending'),
    expiresAt: p.datetime(3).fieldName('expires_at').comment('it takes no money afterwards'),
    silentUntil: p.datetime(3).fieldName('silent_until').nullable().comment('it answers nothing about it before'),
    pendingUntil: p.datetime(3).fieldName('pending_until').nullable().comment('it says pending about it before'),
    refunds: p.json().$type<Record<string, number>>().defaultRaw("'{}'").comment('minor units by idempotency key'),
  },
  checks: [{ name: 'sandbox_payment_status', expression: `status in ('pending', 'declined', 'succeeded')` }],
  indexes: [{ name: 'sandbox_payment_by_reference', properties: ['reference'] }],
});

/** A payment in the sandbox provider's books. */
export class SandboxPayment extends SandboxPaymentSchema.class {}
SandboxPaymentSchema.setClass(SandboxPayment);
