import { Migration } from '@mikro-orm/migrations';

export class Migration20261130022053 extends Migration {
  override name = 'Migration20261130022053';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "write_probe" ("id" uuid not null default gen_random_uuid(), "filler" text not null, primary key ("id"));`,
    );
    // The filler is stored without compression, because it must need new pages.
    this.addSql(`alter table "write_probe" alter column "filler" set storage external;`);
    this.addSql(
      `comment on table "write_probe" is 'Empty: each readiness check inserts a row and deletes it, to see that the database takes writes';`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "write_probe" cascade;`);
  }
}
