import { Migration } from '@mikro-orm/migrations';

/** The tables whose number of a place in line was called `ticket`, which is also the word for what a buyer shows at the door. */
const tablesWithLineTickets = ['waiter', 'booking', 'line_event', 'line_key', 'stay'];

/** The indexes of the table of stays, before and after the migration. */
const stayIndexes = [
  ['shopper_pkey', 'stay_pkey'],
  ['shopper_one_stay_a_session', 'stay_one_per_session'],
  ['shopper_by_admission', 'stay_by_admission'],
  ['shopper_inside_by_admission', 'stay_inside_by_admission'],
] as const;

/**
 * Names line tickets and stays by the glossary. PostgreSQL renames without a rewrite and keeps all rows. Nodes of earlier
 * releases cannot use the renamed tables, so operators stop these nodes first.
 */
export class Migration20261130075325 extends Migration {
  override name = 'Migration20261130075325';

  override up(): void | Promise<void> {
    this.addSql(`alter table "shopper" rename to "stay";`);
    for (const [before, after] of stayIndexes) this.addSql(`alter index "${before}" rename to "${after}";`);
    for (const table of tablesWithLineTickets) {
      this.addSql(`alter table "${table}" rename column "ticket" to "line_ticket";`);
    }
    this.addSql(`alter table "show_line" rename column "last_ticket" to "last_line_ticket";`);
    this.addSql(`comment on table "waiter" is 'All waits in lines, one row per line ticket';`);
    this.addSql(`comment on column "stay"."seq" is 'the commit that admitted the session';`);
    this.addSql(`comment on column "stay"."n" is 'the number of the stay within that commit';`);
    this.addSql(`comment on column "stay"."line_ticket" is 'null: admitted without waiting';`);
  }

  override down(): void | Promise<void> {
    this.addSql(`comment on column "stay"."line_ticket" is 'null: let in without standing in line';`);
    this.addSql(`comment on column "stay"."n" is 'which of those that it let in';`);
    this.addSql(`comment on column "stay"."seq" is 'the commit that let it in';`);
    this.addSql(`comment on table "waiter" is 'Everyone who ever stood in a line, one row a ticket';`);
    this.addSql(`alter table "show_line" rename column "last_line_ticket" to "last_ticket";`);
    for (const table of tablesWithLineTickets) {
      this.addSql(`alter table "${table}" rename column "line_ticket" to "ticket";`);
    }
    for (const [before, after] of stayIndexes) this.addSql(`alter index "${after}" rename to "${before}";`);
    this.addSql(`alter table "stay" rename to "shopper";`);
  }
}
