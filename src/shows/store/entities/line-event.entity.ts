import { defineEntity, p } from '@mikro-orm/postgresql';

const LineEventSchema = defineEntity({
  name: 'LineEvent',
  tableName: 'line_event',
  comment: 'Hash chain of the events of a line; the hash of an entry depends on all earlier entries',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    line: p.string().length(8).primary(),
    n: p.bigint('number').primary(),
    at: p.datetime(3),
    kind: p.string().length(8),
    lineTicket: p.integer().fieldName('line_ticket').nullable(),
    hash: p.string().columnType('char(64)'),
  },
});

export class LineEvent extends LineEventSchema.class {}
LineEventSchema.setClass(LineEvent);
