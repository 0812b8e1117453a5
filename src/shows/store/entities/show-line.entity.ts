import { defineEntity, p } from '@mikro-orm/postgresql';

const ShowLineSchema = defineEntity({
  name: 'ShowLine',
  tableName: 'show_line',
  comment: 'How far each line of a show is; made at its first use',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    line: p.string().length(8).primary(),
    lastLineTicket: p.integer().fieldName('last_line_ticket').default(0),
    version: p.bigint('number').default(0).comment("n of the chain's last entry"),
    hash: p.string().columnType('char(64)').comment("of the chain's last entry"),
    seed: p.string().columnType('char(64)').nullable().comment('what the lobby is shuffled by; secret until then'),
    lobbySize: p.integer().fieldName('lobby_size').nullable().comment('how many the shuffle placed; null before it'),
  },
  checks: [{ name: 'show_line_line', expression: "line in ('seats', 'entry')" }],
});

export class ShowLine extends ShowLineSchema.class {}
ShowLineSchema.setClass(ShowLine);
