import { defineEntity, p } from '@mikro-orm/postgresql';

const MailCountRowSchema = defineEntity({
  name: 'MailCountRow',
  tableName: 'mail_count',
  comment: 'How often mail addresses were set for bookings, by address and by caller; deleted after a day',
  properties: {
    digest: p
      .string()
      .columnType('char(64)')
      .primary()
      .comment('keyed hash of the address or of the caller, hex; without the key, nobody can recognise the address'),
    hour: p.datetime(0).primary().comment('begin of the hour in which the calls were counted'),
    calls: p.integer(),
  },
});

/**
 * A counter of {@link MailLimits}. The table is emptied every day and does not depend on shows, so its key does not
 * contain `show_id`.
 */
export class MailCountRow extends MailCountRowSchema.class {}
MailCountRowSchema.setClass(MailCountRow);
