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

/** Written by every node that a session's sockets are on, outside the lane: being seen changes nothing of the show. */
export class Presence extends PresenceSchema.class {}
PresenceSchema.setClass(Presence);
