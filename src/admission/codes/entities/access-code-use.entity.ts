import { defineEntity, p } from '@mikro-orm/postgresql';

const AccessCodeUseRowSchema = defineEntity({
  name: 'AccessCodeUseRow',
  tableName: 'access_code_use',
  comment: 'Which sessions have used which access codes; deleted with the data of the session',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    sessionId: p.uuid().primary().fieldName('session_id'),
    digest: p.string().columnType('char(43)').primary().comment('the code, as in access_code'),
    batchId: p.uuid().fieldName('batch_id'),
    seats: p.smallint().comment('number of seats that this use allows'),
    usedAt: p.datetime(3).fieldName('used_at').defaultRaw('now()'),
  },
  indexes: [{ name: 'access_code_use_by_session', properties: ['sessionId', 'showId'] }],
});

/** The use of an access code by a session. */
export class AccessCodeUseRow extends AccessCodeUseRowSchema.class {}
AccessCodeUseRowSchema.setClass(AccessCodeUseRow);
