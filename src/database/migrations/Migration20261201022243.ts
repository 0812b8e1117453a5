import { Migration } from '@mikro-orm/migrations';

export class Migration20261201022243 extends Migration {
  override name = 'Migration20261201022243';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "mail_count" ("digest" char(64) not null, "hour" timestamptz(0) not null, "calls" int not null, primary key ("digest", "hour"));`,
    );
    this.addSql(
      `comment on table "mail_count" is 'How often mail addresses were set for bookings, by address and by caller; deleted after a day';`,
    );
    this.addSql(
      `comment on column "mail_count"."digest" is 'keyed hash of the address or of the caller, hex; without the key, nobody can recognise the address';`,
    );
    this.addSql(`comment on column "mail_count"."hour" is 'begin of the hour in which the calls were counted';`);

    this.addSql(
      `create table "session_erasure" ("session_id" uuid not null, "pseudonym" uuid not null, "due_at" timestamptz(3) not null, "attempts" int not null default 0, primary key ("session_id"));`,
    );
    this.addSql(
      `comment on table "session_erasure" is 'Erasures of session data that are not finished, so that any node can finish them; deleted at the end';`,
    );
    this.addSql(
      `comment on column "session_erasure"."pseudonym" is 'the id that replaces the session in its paid bookings and in the logs';`,
    );
    this.addSql(
      `comment on column "session_erasure"."due_at" is 'time of the next attempt; in the future while an attempt runs';`,
    );

    this.addSql(
      `create table "show_anonymization" ("show_id" int not null, "salt" varchar(64) null, "due_at" timestamptz(3) not null default now(), "attempts" int not null default 0, primary key ("show_id"));`,
    );
    this.addSql(
      `comment on table "show_anonymization" is 'Past shows whose retention period has ended, one row per show';`,
    );
    this.addSql(
      `comment on column "show_anonymization"."salt" is 'random; all pseudonyms of the show depend on it; null after all sessions of the show were replaced';`,
    );
    this.addSql(
      `comment on column "show_anonymization"."due_at" is 'time of the next attempt; in the future while an attempt runs';`,
    );
    this.addSql(`create index show_anonymization_by_due on show_anonymization (due_at) where salt is not null;`);

    this.addSql(`drop index "booking_by_session";`);
    this.addSql(`create index "booking_by_session" on "booking" ("session_id", "show_id");`);

    this.addSql(`create index idempotency_key_by_session on idempotency_key (right(caller, 36));`);

    this.addSql(`alter table "show_log" add "is_rewritten" boolean not null default false;`);
    this.addSql(
      `comment on column "show_log"."is_rewritten" is 'true if a pseudonym replaced a session in the changes; a node whose memory lacks the entry reads the tables';`,
    );

    this.addSql(`create index "stay_by_session" on "stay" ("session_id", "show_id");`);

    this.addSql(`drop index "waiter_by_session";`);
    this.addSql(`create index "waiter_by_session" on "waiter" ("session_id", "show_id");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "mail_count" cascade;`);
    this.addSql(`drop table if exists "session_erasure" cascade;`);
    this.addSql(`drop table if exists "show_anonymization" cascade;`);

    this.addSql(`drop index "booking_by_session";`);
    this.addSql(`create index "booking_by_session" on "booking" ("show_id", "session_id");`);

    this.addSql(`drop index "idempotency_key_by_session";`);

    this.addSql(`alter table "show_log" drop column "is_rewritten";`);

    this.addSql(`drop index "stay_by_session";`);

    this.addSql(`drop index "waiter_by_session";`);
    this.addSql(`create index "waiter_by_session" on "waiter" ("show_id", "session_id");`);
  }
}
