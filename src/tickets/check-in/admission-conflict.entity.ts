import { defineEntity, p } from '@mikro-orm/postgresql';
import { CheckInResult } from '@usher/contract';

const results = CheckInResult.options.filter((result) => result !== 'admitted');

const AdmissionConflictRowSchema = defineEntity({
  name: 'AdmissionConflictRow',
  tableName: 'admission_conflict',
  comment: 'Admissions by a gate without a network that a ticket did not entitle to, for example with a copied ticket',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    conflictId: p.uuid().primary().fieldName('conflict_id'),
    fingerprint: p
      .string()
      .length(64)
      .comment('SHA-256 of code and idempotency key; an admission that is uploaded repeatedly has one row'),
    ticketId: p.uuid().fieldName('ticket_id').nullable().comment('null if this service did not issue the code'),
    label: p.string().length(64).nullable().comment('label of the seat'),
    result: p.string().length(16),
    admittedAt: p.datetime(3).fieldName('admitted_at').comment("by the gate's clock"),
    gate: p.string().length(64),
    usedAt: p.datetime(3).fieldName('used_at').nullable().comment('time of the first use of the ticket'),
    usedGate: p.string().length(64).fieldName('used_gate').nullable(),
    recordedAt: p.datetime(3).fieldName('recorded_at').defaultRaw('now()'),
  },
  uniques: [{ name: 'admission_conflict_once', properties: ['showId', 'fingerprint'] }],
  checks: [
    {
      name: 'admission_conflict_result',
      expression: `result in (${results.map((result) => `'${result}'`).join(', ')})`,
    },
  ],
});

/**
 * A row of the `admission_conflict` table: one person whom a gate admitted although the person had no right to enter.
 */
export class AdmissionConflictRow extends AdmissionConflictRowSchema.class {}
AdmissionConflictRowSchema.setClass(AdmissionConflictRow);
