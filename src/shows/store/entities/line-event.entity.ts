import { defineEntity, p } from '@mikro-orm/postgresql';

const LineEventSchema = defineEntity({
  name: 'LineEvent',
  tableName: 'line_event',
  comment: "The chain: what happened to a line, each entry's hash bound to all before it",
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
