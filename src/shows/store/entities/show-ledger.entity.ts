import { defineEntity, p } from '@mikro-orm/postgresql';

const ShowLedgerSchema = defineEntity({
  name: 'ShowLedger',
  tableName: 'show_ledger',
  comment: 'One row per show: its lock, the position of its log, and its numbers of seats by status',
  properties: {
    showId: p.integer().primary().autoincrement(false).fieldName('show_id'),
    seq: p.bigint('number').default(0).comment('number of commits'),
    commitId: p
      .bigint('number')
      .fieldName('commit_id')
      .default(0)
      .comment('the id of the last commit, which distinguishes two histories with the same seq'),
    version: p.bigint('number').default(0).comment('number of commits that changed a seat'),
    free: p.integer(),
    held: p.integer().default(0),
    sold: p.integer().default(0),
    blocked: p.integer().default(0),
    linesDueAt: p
      .datetime()
      .fieldName('lines_due_at')
      .nullable()
      .comment('time at which the lines need a tick even if nothing else happens; null for never'),
    calledOff: p.boolean().fieldName('called_off').default(false),
  },
  indexes: [
    {
      name: 'show_ledger_lines_due',
      expression: 'create index show_ledger_lines_due on show_ledger (lines_due_at) where lines_due_at is not null',
    },
    {
      name: 'show_ledger_to_refund',
      expression: 'create index show_ledger_to_refund on show_ledger (show_id) where called_off and sold > 0',
    },
  ],
});

/**
 * The ledger of a show. Only the transaction that locks this row may change the show. The first use of the show inserts
 * the row.
 */
export class ShowLedger extends ShowLedgerSchema.class {}
ShowLedgerSchema.setClass(ShowLedger);
