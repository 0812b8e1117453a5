import { Migration } from '@mikro-orm/migrations';

export class Migration20261127090024 extends Migration {
  override name = 'Migration20261127090024';

  override up(): void | Promise<void> {
    this.addSql(`drop index "show_ledger_with_lines";`);
    this.addSql(`alter table "show_ledger" add "lines_due_at" timestamptz null;`);
    this.addSql(
      `comment on column "show_ledger"."lines_due_at" is 'when time alone gives the lines something to do; null: never';`,
    );
    this.addSql(`update show_ledger set lines_due_at = now() where in_line > 0;`);
    this.addSql(`alter table "show_ledger" drop column "in_line";`);
    this.addSql(`create index show_ledger_lines_due on show_ledger (lines_due_at) where lines_due_at is not null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "show_ledger_lines_due";`);
    this.addSql(`alter table "show_ledger" drop column "lines_due_at";`);
    this.addSql(`alter table "show_ledger" add "in_line" int not null default 0;`);
    this.addSql(`comment on column "show_ledger"."in_line" is 'who waits in both lines, and who is inside';`);
    this.addSql(`create index show_ledger_with_lines on show_ledger (show_id) where in_line > 0;`);
  }
}
