import { defineEntity, p } from '@mikro-orm/postgresql';

const ShowLineSchema = defineEntity({
  name: 'ShowLine',
  tableName: 'show_line',
  comment: 'State of each line of a show; inserted at the first use of the line',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    line: p.string().length(8).primary(),
    lastLineTicket: p.integer().fieldName('last_line_ticket').default(0),
    version: p.bigint('number').default(0).comment('number of the last entry of the chain'),
    hash: p.string().columnType('char(64)').comment('hash of the last entry of the chain'),
    seed: p.string().columnType('char(64)').nullable().comment("seed of the lobby's shuffle; secret until the shuffle"),
    lobbySize: p
      .integer()
      .fieldName('lobby_size')
      .nullable()
      .comment('number of line tickets that the shuffle placed; null before the shuffle'),
  },
  checks: [{ name: 'show_line_line', expression: "line in ('seats', 'entry')" }],
});

export class ShowLine extends ShowLineSchema.class {}
ShowLineSchema.setClass(ShowLine);
