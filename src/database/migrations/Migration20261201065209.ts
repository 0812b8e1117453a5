import { Migration } from '@mikro-orm/migrations';

export class Migration20261201065209 extends Migration {
  override name = 'Migration20261201065209';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "operator_session" ("operator_session_id" uuid not null, "hash" char(64) not null, "person_id" varchar(512) not null, "name" varchar(200) not null, "email" varchar(320) null, "roles" varchar(16)[] not null, "cinema_ids" int[] null, "created_at" timestamptz(3) not null default now(), "expires_at" timestamptz(3) not null, "last_used_at" timestamptz(3) not null default now(), primary key ("operator_session_id"));`,
    );
    this.addSql(
      `comment on table "operator_session" is 'Sign-ins of operators; only the hash of the token in the cookie is stored; deleted when the sign-in ends';`,
    );
    this.addSql(`comment on column "operator_session"."hash" is 'SHA-256 of the token in the cookie, hex';`);
    this.addSql(
      `comment on column "operator_session"."person_id" is 'issuer and subject of the identity provider, joined by #';`,
    );
    this.addSql(
      `comment on column "operator_session"."cinema_ids" is 'the only cinemas in which the roles are valid; null for the whole service';`,
    );
    this.addSql(`comment on column "operator_session"."last_used_at" is 'written at most once a minute by each node';`);
    this.addSql(`alter table "operator_session" add constraint "operator_session_hash_unique" unique ("hash");`);

    this.addSql(
      `alter table "audit_entry" alter column "actor_id" type varchar(512) using ("actor_id"::varchar(512));`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "operator_session" cascade;`);

    this.addSql(
      `alter table "audit_entry" alter column "actor_id" type varchar(200) using ("actor_id"::varchar(200));`,
    );
  }
}
