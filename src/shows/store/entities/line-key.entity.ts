import { defineEntity, p } from '@mikro-orm/postgresql';
import type { LineMoment } from '../../core/model/keyed-place.js';

const LineKeySchema = defineEntity({
  name: 'LineKey',
  tableName: 'line_key',
  comment: 'Idempotency keys of joins, with the place that the first join got; deleted after a day',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    sessionId: p.uuid().primary().fieldName('session_id'),
    key: p.string().length(128).primary(),
    bodyHash: p.string().length(64).fieldName('body_hash'),
    line: p.string().length(8),
    lineTicket: p.integer().fieldName('line_ticket'),
    moment: p.json<LineMoment>().comment('state of the line when the first join was answered'),
    createdAt: p.datetime(3).fieldName('created_at'),
    seq: p
      .bigint('number')
      .nullable()
      .comment('the log entry with the same key, which is deleted with this row; null in rows of earlier releases'),
  },
  indexes: [{ name: 'line_key_by_age', properties: ['createdAt'] }],
});

/**
 * The idempotency key of a request to join a line. The show's lane writes it together with the log entry of that
 * request.
 */
export class LineKey extends LineKeySchema.class {}
LineKeySchema.setClass(LineKey);
