import { defineEntity, p } from '@mikro-orm/postgresql';

const IdempotencyKeyRowSchema = defineEntity({
  name: 'IdempotencyKeyRow',
  tableName: 'idempotency_key',
  comment:
    'Idempotency keys of calls outside the lanes, with the effect and the answer of each call; deleted after a day',
  properties: {
    caller: p.string().length(128).primary().comment('the session, the link to a booking or the API key'),
    key: p.string().length(128).primary(),
    requestHash: p.string().columnType('char(64)').fieldName('request_hash').comment('SHA-256, hex'),
    claim: p.uuid().comment('the last attempt'),
    claimedUntil: p.datetime(3).fieldName('claimed_until').comment('end of the lease; no other attempt begins before'),
    effect: p.text().nullable().comment('the effect of the call, written in its transaction; encrypted'),
    answer: p.text().nullable().comment('status and body; encrypted'),
    createdAt: p.datetime(3).fieldName('created_at').defaultRaw('now()'),
  },
  indexes: [
    { name: 'idempotency_key_by_age', properties: ['createdAt'] },
    {
      // Finds the keys of a session, whose id ends the name of the caller.
      name: 'idempotency_key_by_session',
      expression: 'create index idempotency_key_by_session on idempotency_key (right(caller, 36))',
    },
  ],
});

/** The row of an idempotency key. Only `IdempotencyKeys` and `once` read and write it. */
export class IdempotencyKeyRow extends IdempotencyKeyRowSchema.class {}
IdempotencyKeyRowSchema.setClass(IdempotencyKeyRow);
