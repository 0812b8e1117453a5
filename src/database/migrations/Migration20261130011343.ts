import { Migration } from '@mikro-orm/migrations';

export class Migration20261130011343 extends Migration {
  override name = 'Migration20261130011343';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "database_identity" ("is_only" boolean not null default true, "identity" uuid not null default gen_random_uuid(), "made_at" timestamptz(3) not null default now(), primary key ("is_only"));`,
    );
    this.addSql(
      `comment on table "database_identity" is 'One row: which database this is. A copy must get an identity of its own by \`npm run migrate -- --new-identity\`';`,
    );
    this.addSql(`comment on column "database_identity"."is_only" is 'always true, so that there is one row';`);

    this.addSql(`alter table "show_ledger" add "commit_id" bigint not null default '0';`);
    this.addSql(
      `comment on column "show_ledger"."commit_id" is 'the id of the last commit: tells two histories with the same seq apart';`,
    );

    this.addSql(`alter table "show_log" add "commit_id" bigint not null default '0';`);
    this.addSql(`comment on column "show_log"."commit_id" is 'random; 0 in entries of older releases';`);

    this.addSql(`alter table "database_identity" add constraint "database_identity_is_only" check (is_only);`);
    this.addSql(`insert into "database_identity" default values;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "database_identity" cascade;`);

    this.addSql(`alter table "show_ledger" drop column "commit_id";`);

    this.addSql(`alter table "show_log" drop column "commit_id";`);
  }
}
