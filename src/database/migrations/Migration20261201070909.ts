import { Migration } from '@mikro-orm/migrations';

export class Migration20261201070909 extends Migration {
  override name = 'Migration20261201070909';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "risk_case" ("show_id" int not null, "case_id" uuid not null, "at" timestamptz(3) not null default now(), "session_id" uuid not null, "source" varchar(100) not null, "call" varchar(16) not null, "action" varchar(16) not null, "score" smallint not null, "reasons" jsonb not null, primary key ("show_id", "case_id"));`,
    );
    this.addSql(
      `comment on table "risk_case" is 'Calls that were challenged, slowed, refused or had a high risk score; deleted after a day';`,
    );
    this.addSql(`comment on column "risk_case"."case_id" is 'UUIDv7, so it orders the cases by time';`);
    this.addSql(
      `comment on column "risk_case"."source" is 'keyed digest of the network address; the key is deleted after a day';`,
    );
    this.addSql(`comment on column "risk_case"."reasons" is 'what gave the points of the score';`);
    this.addSql(`create index "risk_case_by_time" on "risk_case" ("at");`);
    this.addSql(`create index "risk_case_by_id" on "risk_case" ("case_id");`);
    this.addSql(`create index "risk_case_by_session" on "risk_case" ("session_id");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "risk_case" cascade;`);
  }
}
