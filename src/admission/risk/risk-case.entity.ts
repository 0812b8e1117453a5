import type { RiskCase, RiskReason } from '@usher/contract';
import { defineEntity, p } from '@mikro-orm/postgresql';

const RiskCaseRowSchema = defineEntity({
  name: 'RiskCaseRow',
  tableName: 'risk_case',
  comment: 'Calls that were challenged, slowed, refused or had a high risk score; deleted after a day',
  properties: {
    showId: p.integer().primary().autoincrement(false).fieldName('show_id'),
    caseId: p.uuid().primary().fieldName('case_id').comment('UUIDv7, so it orders the cases by time'),
    at: p.datetime(3).defaultRaw('now()'),
    sessionId: p.uuid().fieldName('session_id'),
    source: p.string().length(100).comment('keyed digest of the network address; the key is deleted after a day'),
    call: p.string().length(16).$type<RiskCase['call']>(),
    action: p.string().length(16).$type<RiskCase['action']>(),
    score: p.smallint(),
    reasons: p.json<RiskReason[]>().comment('what gave the points of the score'),
  },
  indexes: [
    { name: 'risk_case_by_time', properties: ['at'] },
    { name: 'risk_case_by_id', properties: ['caseId'] },
    { name: 'risk_case_by_session', properties: ['sessionId'] },
  ],
});

/** A call that the service did not simply admit. */
export class RiskCaseRow extends RiskCaseRowSchema.class {}
RiskCaseRowSchema.setClass(RiskCaseRow);
