import { defineEntity, p } from '@mikro-orm/postgresql';

const LogFollowerSchema = defineEntity({
  name: 'LogFollower',
  tableName: 'log_follower',
  comment: 'How far those who tell others of a show have read its log',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    follower: p.string().length(16).primary(),
    seq: p.bigint('number').comment('all entries up to this one are read'),
  },
});

/** How far a consumer of the log has read one show. Only `LogConsumers` writes it. */
export class LogFollower extends LogFollowerSchema.class {}
LogFollowerSchema.setClass(LogFollower);
