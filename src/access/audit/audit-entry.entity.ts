import { defineEntity, p } from '@mikro-orm/postgresql';

const AuditEntryRowSchema = defineEntity({
  name: 'AuditEntryRow',
  tableName: 'audit_entry',
  comment: 'Audit trail: one hash chain per show, and the chain 0 for all acts that concern no show',
  indexes: [
    { name: 'audit_entry_at', properties: ['at', 'showId', 'seq'] },
    { name: 'audit_entry_actor', properties: ['actorId', 'at'] },
    { name: 'audit_entry_subject', properties: ['subjectId'] },
    {
      name: 'audit_entry_with_address',
      expression: 'create index audit_entry_with_address on audit_entry (at) where address is not null',
    },
  ],
  properties: {
    showId: p.integer().primary().fieldName('show_id').comment('0 if the act concerns no show'),
    seq: p.integer().primary().comment('number of the entry in its chain, without gaps'),
    at: p.datetime(3),
    action: p.string().length(32),
    actorKind: p.string().length(8).fieldName('actor_kind'),
    actorId: p.string().length(512).fieldName('actor_id').nullable(),
    actorName: p.string().length(200).fieldName('actor_name'),
    subjectKind: p.string().length(16).fieldName('subject_kind'),
    subjectId: p.string().length(64).fieldName('subject_id'),
    cinemaId: p.integer().fieldName('cinema_id').nullable(),
    address: p.string().length(45).nullable().comment('erased after AUDIT_ADDRESS_DAYS; only its digest is hashed'),
    addressSalt: p.string().length(32).fieldName('address_salt').nullable().comment('erased together with the address'),
    addressDigest: p.string().columnType('char(64)').fieldName('address_digest').nullable(),
    before: p.json().$type<Record<string, unknown>>().nullable(),
    after: p.json().$type<Record<string, unknown>>().nullable(),
    hash: p.string().columnType('char(64)').comment('SHA-256 of the previous hash and this entry, hex'),
  },
});

/** A row of `audit_entry`. Rows are only inserted, except that addresses are erased. */
export class AuditEntryRow extends AuditEntryRowSchema.class {}
AuditEntryRowSchema.setClass(AuditEntryRow);
