import { defineEntity, p } from '@mikro-orm/postgresql';

const PresenceSchema = defineEntity({
  name: 'Presence',
  tableName: 'presence',
  comment: 'When a session inside a metered show counts as gone, unless it is seen again',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    sessionId: p.uuid().primary().fieldName('session_id'),
    goneAt: p.datetime(3).fieldName('gone_at'),
    seenAt: p.datetime(3).fieldName('seen_at'),
  },
  indexes: [{ name: 'presence_by_gone', properties: ['goneAt'] }],
});

/**
 * The presence of a session in a show. Every node with a socket of the session writes it. The lane is not involved, because
 * presence does not change the show.
 */
export class Presence extends PresenceSchema.class {}
PresenceSchema.setClass(Presence);
