import { defineEntity, p } from '@mikro-orm/postgresql';
import { PushPayload } from '@usher/contract';

const PushMessageSchema = defineEntity({
  name: 'PushMessage',
  tableName: 'push_message',
  comment: 'Outbox of push messages, one row per event and subscription; the transaction of the event inserts the row',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    messageId: p.uuid().primary().fieldName('message_id').defaultRaw('gen_random_uuid()'),
    sessionId: p.uuid().fieldName('session_id'),
    endpointHash: p
      .string()
      .columnType('char(64)')
      .fieldName('endpoint_hash')
      .comment('the subscription that receives the message'),
    type: p.string().length(32),
    bookingId: p.uuid().fieldName('booking_id').nullable(),
    expiresAt: p.datetime(3).fieldName('expires_at').nullable().comment('time after which the message is useless'),
    madeAt: p.datetime(3).fieldName('made_at').defaultRaw('now()'),
    dueAt: p
      .datetime(3)
      .fieldName('due_at')
      .defaultRaw('now()')
      .comment('time of the next attempt; in the future while an attempt runs'),
    attempts: p.smallint().default(0),
  },
  checks: [
    {
      name: 'push_message_type',
      expression: `type in (${PushPayload.shape.type.options.map((type) => `'${type}'`).join(', ')})`,
    },
  ],
  indexes: [
    { name: 'push_message_by_due', properties: ['dueAt'] },
    { name: 'push_message_by_subscription', properties: ['sessionId', 'endpointHash'] },
  ],
});

/** A row of the push outbox. The show's lane or `PushEvents` inserts it, and the push worker deletes it. */
export class PushMessage extends PushMessageSchema.class {}
PushMessageSchema.setClass(PushMessage);
