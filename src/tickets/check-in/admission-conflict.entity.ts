import { defineEntity, p } from '@mikro-orm/postgresql';
import { CheckInResult } from '@usher/contract';

const results = CheckInResult.options.filter((result) => result !== 'admitted');

const AdmissionConflictRowSchema = defineEntity({
  name: 'AdmissionConflictRow',
  tableName: 'admission_conflict',
  comment:
    'People whom a gate without network admitted although their ticket did not entitle them, e.g. a copied ticket',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    conflictId: p.uuid().primary().fieldName('conflict_id'),
    fingerprint: p
      .string()
      .length(64)
      .comment(
        'SHA-256 of code and idempotency key: the same admission is recorded once, however often it is handed in',
      ),
    ticketId: p.uuid().fieldName('ticket_id').nullable().comment('null: the code is not one of this service'),
    label: p.string().length(64).nullable().comment('label of the seat'),
    result: p.string().length(16),
    admittedAt: p.datetime(3).fieldName('admitted_at').comment("by the gate's clock"),
    gate: p.string().length(64),
    usedAt: p.datetime(3).fieldName('used_at').nullable().comment('when the ticket was used first'),
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

/** A row of the `admission_conflict` table: one person whom a gate admitted without a right to enter. */
export class AdmissionConflictRow extends AdmissionConflictRowSchema.class {}
AdmissionConflictRowSchema.setClass(AdmissionConflictRow);
