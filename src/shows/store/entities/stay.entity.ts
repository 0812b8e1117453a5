import { defineEntity, p } from '@mikro-orm/postgresql';

const StaySchema = defineEntity({
  name: 'Stay',
  tableName: 'stay',
  comment: 'Stays in shows whose entry is metered',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    seq: p.bigint('number').primary().comment('the commit that admitted the session'),
    n: p.integer().primary().comment('the number of the stay within that commit'),
    sessionId: p.uuid().fieldName('session_id'),
    admittedAt: p.datetime(3).fieldName('admitted_at'),
    until: p.datetime(3).comment('latest end of the stay'),
    lineTicket: p
      .integer()
      .fieldName('line_ticket')
      .nullable()
      .comment('null if the session was admitted without waiting'),
    source: p
      .string()
      .length(48)
      .nullable()
      .comment(
        'the address, as a digest whose key is deleted after a day, or the API key of the caller; null if unknown',
      ),
    isInside: p.boolean().fieldName('is_inside').default(true),
  },
  indexes: [
    {
      name: 'stay_one_per_session',
      expression: 'create unique index stay_one_per_session on stay (show_id, session_id) where is_inside',
    },
    { name: 'stay_by_session', properties: ['sessionId', 'showId'] },
    { name: 'stay_by_admission', properties: ['showId', 'admittedAt'] },
    {
      name: 'stay_inside_by_admission',
      expression: 'create index stay_inside_by_admission on stay (admitted_at) where is_inside',
    },
  ],
});

/** The row of a stay. Only the show's lane writes it. */
export class Stay extends StaySchema.class {}
StaySchema.setClass(Stay);
