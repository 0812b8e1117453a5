import { defineEntity, p } from '@mikro-orm/postgresql';

const AccessCodeRowSchema = defineEntity({
  name: 'AccessCodeRow',
  tableName: 'access_code',
  comment: 'Access codes, one row per code',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    digest: p
      .string()
      .columnType('char(43)')
      .primary()
      .comment('keyed hash of the show and the code, base64url; without the key, nobody can find out the code'),
    batchId: p.uuid().fieldName('batch_id'),
    uses: p.integer().default(0).comment('number of sessions that have used the code; never falls'),
  },
  indexes: [
    {
      name: 'access_code_used',
      expression: 'create index access_code_used on access_code (show_id, batch_id, uses) where uses > 0',
    },
  ],
});

/** An access code of a show. */
export class AccessCodeRow extends AccessCodeRowSchema.class {}
AccessCodeRowSchema.setClass(AccessCodeRow);
