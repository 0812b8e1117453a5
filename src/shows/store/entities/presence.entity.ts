import { defineEntity, p } from '@mikro-orm/postgresql';

const PresenceSchema = defineEntity({
  name: 'Presence',
  tableName: 'presence',
  comment: 'Presence of sessions in metered shows; a session is absent from gone_at on unless a node marks it again',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    sessionId: p.uuid().primary().fieldName('session_id'),
    goneAt: p.datetime(3).fieldName('gone_at'),
    seenAt: p.datetime(3).fieldName('seen_at'),
  },
  indexes: [{ name: 'presence_by_gone', properties: ['goneAt'] }],
});

/**
 * The presence of a session in a show. Every node with a socket of the session writes it. The lane is not involved,
 * because presence does not change the show.
 */
export class Presence extends PresenceSchema.class {}
PresenceSchema.setClass(Presence);
