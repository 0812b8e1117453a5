import { defineEntity, p } from '@mikro-orm/postgresql';

const SessionErasureRowSchema = defineEntity({
  name: 'SessionErasureRow',
  tableName: 'session_erasure',
  comment: 'Erasures of session data that are not finished, so that any node can finish them; deleted at the end',
  properties: {
    sessionId: p.uuid().primary().fieldName('session_id'),
    pseudonym: p.uuid().comment('the id that replaces the session in its paid bookings and in the logs'),
    dueAt: p.datetime(3).fieldName('due_at').comment('time of the next attempt; in the future while an attempt runs'),
    attempts: p.integer().default(0),
  },
});

/**
 * An erasure that is not finished. The size of the table depends on sessions and not on sales, so its key does not
 * contain `show_id`.
 */
export class SessionErasureRow extends SessionErasureRowSchema.class {}
SessionErasureRowSchema.setClass(SessionErasureRow);
