import { defineEntity, p } from '@mikro-orm/postgresql';

const WaiterSchema = defineEntity({
  name: 'Waiter',
  tableName: 'waiter',
  comment: 'All waits in lines, one row per line ticket',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    line: p.string().length(8).primary(),
    lineTicket: p.integer().primary().fieldName('line_ticket'),
    place: p
      .integer()
      .nullable()
      .comment('null for members of a lobby, whose places follow from its seed and receipts'),
    sessionId: p.uuid().fieldName('session_id'),
    partySize: p.smallint().fieldName('party_size'),
    tiers: p.json<string[]>().nullable().comment('the accepted tiers; null for all'),
    kind: p.string().length(16).nullable(),
    joinedAt: p.datetime(3).fieldName('joined_at'),
    expiresAt: p.datetime(3).fieldName('expires_at'),
    receipt: p.string().length(86),
    source: p
      .string()
      .length(48)
      .nullable()
      .comment(
        'the address, as a digest whose key is deleted after a day, or the API key of the caller; null if unknown',
      ),
    hasPassedChallenge: p
      .boolean()
      .fieldName('has_passed_challenge')
      .default(false)
      .comment('whether the session had passed the challenge of the show when it joined, or has since'),
    waits: p.boolean().default(true),
    outcome: p.string().length(16).nullable().comment('how the wait ended; null while the session waits'),
    endedAt: p.datetime(3).fieldName('ended_at').nullable().comment('time at which the wait ended'),
  },
  indexes: [
    { name: 'waiter_by_session', properties: ['sessionId', 'showId'] },
    {
      name: 'waiter_one_place_per_session',
      expression: 'create unique index waiter_one_place_per_session on waiter (show_id, session_id) where waits',
    },
  ],
});

/** The row of a line ticket. Only the show's lane writes it. */
export class Waiter extends WaiterSchema.class {}
WaiterSchema.setClass(Waiter);
