import { defineEntity, p } from '@mikro-orm/postgresql';

const ShowLedgerSchema = defineEntity({
  name: 'ShowLedger',
  tableName: 'show_ledger',
  comment: 'One row a show: its lock, how far its log is, its seats by status',
  properties: {
    showId: p.integer().primary().autoincrement(false).fieldName('show_id'),
    seq: p.bigint('number').default(0).comment('commits so far'),
    commitId: p
      .bigint('number')
      .fieldName('commit_id')
      .default(0)
      .comment('the id of the last commit: tells two histories with the same seq apart'),
    version: p.bigint('number').default(0).comment('commits that changed a seat'),
    free: p.integer(),
    held: p.integer().default(0),
    sold: p.integer().default(0),
    blocked: p.integer().default(0),
    linesDueAt: p
      .datetime()
      .fieldName('lines_due_at')
      .nullable()
      .comment('when time alone gives the lines something to do; null: never'),
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

/** The ledger of a show. Only the transaction that locks this row may change the show. The first use of the show inserts it. */
export class ShowLedger extends ShowLedgerSchema.class {}
ShowLedgerSchema.setClass(ShowLedger);
