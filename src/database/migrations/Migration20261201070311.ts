import { Migration } from '@mikro-orm/migrations';

export class Migration20261201070311 extends Migration {
  override name = 'Migration20261201070311';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "access_code_batch" ("show_id" int not null, "batch_id" uuid not null, "name" varchar(100) not null, "code_count" int not null, "uses_per_code" int not null, "seats_per_use" smallint not null, "valid_from" timestamptz(3) null, "valid_until" timestamptz(3) null, "created_at" timestamptz(3) not null default now(), "revoked_at" timestamptz(3) null, "revision" int not null default 0, primary key ("show_id", "batch_id"));`,
    );
    this.addSql(`comment on table "access_code_batch" is 'Batches of access codes: presale codes and invitations';`);
    this.addSql(`comment on column "access_code_batch"."uses_per_code" is 'number of sessions that can use one code';`);
    this.addSql(
      `comment on column "access_code_batch"."revision" is 'number of changes after which nodes must read the uses of the batch again';`,
    );

    this.addSql(
      `create table "access_code" ("show_id" int not null, "digest" char(43) not null, "batch_id" uuid not null, "uses" int not null default 0, primary key ("show_id", "digest"));`,
    );
    this.addSql(`comment on table "access_code" is 'Access codes, one row per code';`);
    this.addSql(
      `comment on column "access_code"."digest" is 'keyed hash of the show and the code, base64url; without the key, nobody can find out the code';`,
    );
    this.addSql(`comment on column "access_code"."uses" is 'number of sessions that have used the code; never falls';`);
    this.addSql(`create index access_code_used on access_code (show_id, batch_id, uses) where uses > 0;`);

    this.addSql(
      `create table "access_code_use" ("show_id" int not null, "session_id" uuid not null, "digest" char(43) not null, "batch_id" uuid not null, "seats" smallint not null, "used_at" timestamptz(3) not null default now(), primary key ("show_id", "session_id", "digest"));`,
    );
    this.addSql(
      `comment on table "access_code_use" is 'Which sessions have used which access codes; deleted with the data of the session';`,
    );
    this.addSql(`comment on column "access_code_use"."digest" is 'the code, as in access_code';`);
    this.addSql(`comment on column "access_code_use"."seats" is 'number of seats that this use allows';`);
    this.addSql(`create index "access_code_use_by_session" on "access_code_use" ("session_id", "show_id");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "access_code_batch" cascade;`);
    this.addSql(`drop table if exists "access_code" cascade;`);
    this.addSql(`drop table if exists "access_code_use" cascade;`);
  }
}
