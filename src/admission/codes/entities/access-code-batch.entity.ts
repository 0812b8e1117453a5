import { defineEntity, p } from '@mikro-orm/postgresql';

const AccessCodeBatchRowSchema = defineEntity({
  name: 'AccessCodeBatchRow',
  tableName: 'access_code_batch',
  comment: 'Batches of access codes: presale codes and invitations',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    batchId: p.uuid().primary().fieldName('batch_id'),
    name: p.string().length(100),
    codeCount: p.integer().fieldName('code_count'),
    usesPerCode: p.integer().fieldName('uses_per_code').comment('number of sessions that can use one code'),
    seatsPerUse: p.smallint().fieldName('seats_per_use'),
    validFrom: p.datetime(3).fieldName('valid_from').nullable(),
    validUntil: p.datetime(3).fieldName('valid_until').nullable(),
    createdAt: p.datetime(3).fieldName('created_at').defaultRaw('now()'),
    revokedAt: p.datetime(3).fieldName('revoked_at').nullable(),
    revision: p
      .integer()
      .default(0)
      .comment('number of changes after which nodes must read the uses of the batch again'),
  },
});

/** A batch of access codes for a show. Only `revokedAt` and `revision` change. */
export class AccessCodeBatchRow extends AccessCodeBatchRowSchema.class {}
AccessCodeBatchRowSchema.setClass(AccessCodeBatchRow);
