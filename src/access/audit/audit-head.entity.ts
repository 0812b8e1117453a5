import { defineEntity, p } from '@mikro-orm/postgresql';

const AuditHeadRowSchema = defineEntity({
  name: 'AuditHeadRow',
  tableName: 'audit_head',
  comment: 'Last entry of each chain of the audit trail; its row lock orders the entries of the chain',
  properties: {
    showId: p.integer().primary().autoincrement(false).fieldName('show_id').comment('0 for acts that concern no show'),
    seq: p.integer(),
    at: p.datetime(3),
    hash: p.string().columnType('char(64)'),
  },
});

/** A row of `audit_head`. */
export class AuditHeadRow extends AuditHeadRowSchema.class {}
AuditHeadRowSchema.setClass(AuditHeadRow);
