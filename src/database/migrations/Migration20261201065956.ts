import { Migration } from '@mikro-orm/migrations';

export class Migration20261201065956 extends Migration {
  override name = 'Migration20261201065956';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "challenge_pass" ("show_id" int not null, "session_id" uuid not null, "passed_at" timestamptz(3) not null default now(), primary key ("show_id", "session_id"));`,
    );
    this.addSql(
      `comment on table "challenge_pass" is 'Sessions that have passed the challenge of a show; deleted after a day';`,
    );
    this.addSql(`create index "challenge_pass_by_session" on "challenge_pass" ("session_id");`);
    this.addSql(`create index "challenge_pass_by_age" on "challenge_pass" ("passed_at");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "challenge_pass" cascade;`);
  }
}
