import { defineEntity, p } from '@mikro-orm/postgresql';

const LogConsumerPositionSchema = defineEntity({
  name: 'LogConsumerPosition',
  tableName: 'log_consumer',
  comment: 'Positions of the consumers of show logs',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    consumer: p.string().length(16).primary(),
    seq: p.bigint('number').comment('the last entry that the consumer has read'),
  },
});

/** The last entry that a consumer has read from the log of one show. Only `LogConsumers` writes it. */
export class LogConsumerPosition extends LogConsumerPositionSchema.class {}
LogConsumerPositionSchema.setClass(LogConsumerPosition);
