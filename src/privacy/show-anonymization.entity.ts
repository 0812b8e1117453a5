import { defineEntity, p } from '@mikro-orm/postgresql';

const ShowAnonymizationRowSchema = defineEntity({
  name: 'ShowAnonymizationRow',
  tableName: 'show_anonymization',
  comment: 'Past shows whose retention period has ended, one row per show',
  properties: {
    showId: p.integer().primary().autoincrement(false).fieldName('show_id'),
    salt: p
      .string()
      .length(64)
      .nullable()
      .comment('random; all pseudonyms of the show depend on it; null after all sessions of the show were replaced'),
    dueAt: p
      .datetime(3)
      .fieldName('due_at')
      .defaultRaw('now()')
      .comment('time of the next attempt; in the future while an attempt runs'),
    attempts: p.integer().default(0),
  },
  indexes: [
    {
      name: 'show_anonymization_by_due',
      expression: 'create index show_anonymization_by_due on show_anonymization (due_at) where salt is not null',
    },
  ],
});

/** A past show whose sessions are replaced by pseudonyms, or were replaced. */
export class ShowAnonymizationRow extends ShowAnonymizationRowSchema.class {}
ShowAnonymizationRowSchema.setClass(ShowAnonymizationRow);
