import { defineEntity, p } from '@mikro-orm/postgresql';
import type { StoredChange } from '../../core/log/show-change.js';

const ShowLogSchema = defineEntity({
  name: 'ShowLog',
  tableName: 'show_log',
  comment: 'Log of all changes of a show, one row per commit',
  properties: {
    showId: p.integer().primary().fieldName('show_id'),
    seq: p.bigint('number').primary(),
    version: p.bigint('number'),
    at: p.datetime(3),
    changes: p.json<StoredChange[]>(),
    commitId: p.bigint('number').fieldName('commit_id').default(0).comment('random; 0 in entries of earlier releases'),
    isRewritten: p
      .boolean()
      .fieldName('is_rewritten')
      .default(false)
      .comment(
        'true if a pseudonym replaced a session in the changes; a node whose memory lacks the entry reads the tables',
      ),
  },
});

export class ShowLog extends ShowLogSchema.class {}
ShowLogSchema.setClass(ShowLog);
