import { defineEntity, p } from '@mikro-orm/postgresql';
import { MailKind, MailStatus } from '@usher/contract';

/** A change of a show's time, hall or movie. */
export interface Move {
  readonly from: MovePlan;
  readonly to: MovePlan;
  /** The organiser's explanation for buyers, or null. */
  readonly reason: string | null;
}

/** Time, hall and movie of a show. */
export interface MovePlan {
  /** Ms since 1970. */
  readonly startsAt: number;
  readonly hallId: number;
  readonly movieId: number;
}

const sqlList = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(', ');

const MailMessageSchema = defineEntity({
  name: 'MailMessage',
  tableName: 'mail_message',
  comment:
    'Outbox of mails to buyers; the transaction that reads the event inserts the row, and any node sends the mail',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    mailId: p.uuid().primary().fieldName('mail_id'),
    bookingId: p.uuid().fieldName('booking_id'),
    kind: p.string().length(16),
    refundId: p.uuid().fieldName('refund_id').nullable().comment('the refund that the mail reports'),
    occasion: p
      .string()
      .length(64)
      .comment('the cause of the mail: a refund, or a call that set the address; one mail per cause'),
    move: p
      .json<Move>()
      .nullable()
      .comment('the old and the new time, hall and movie, if the mail reports that the show moved'),
    address: p.string().length(254).nullable().comment('null after the mail was sent'),
    status: p.string().length(16).default('pending'),
    dueAt: p
      .datetime(3)
      .fieldName('due_at')
      .defaultRaw('now()')
      .comment('time of the next attempt; in the future while an attempt runs'),
    attempts: p.smallint().default(0),
    lastError: p.string().length(64).fieldName('last_error').nullable(),
    createdAt: p.datetime(3).fieldName('created_at').defaultRaw('now()'),
    sentAt: p.datetime(3).fieldName('sent_at').nullable(),
  },
  checks: [
    { name: 'mail_message_kind', expression: `kind in (${sqlList(MailKind.options)})` },
    { name: 'mail_message_status', expression: `status in (${sqlList(MailStatus.options)})` },
  ],
  uniques: [{ name: 'mail_message_once', properties: ['showId', 'bookingId', 'kind', 'occasion'] }],
  indexes: [
    {
      name: 'mail_message_pending',
      expression: "create index mail_message_pending on mail_message (due_at) where status = 'pending'",
    },
    { name: 'mail_message_by_id', properties: ['mailId'] },
  ],
});

/** A row of the mail outbox. */
export class MailMessage extends MailMessageSchema.class {}
MailMessageSchema.setClass(MailMessage);
