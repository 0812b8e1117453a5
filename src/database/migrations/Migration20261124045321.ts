import { Migration } from '@mikro-orm/migrations';

export class Migration20261124045321 extends Migration {
  override name = 'Migration20261124045321';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "kept_secret" ("name" text not null, "value" text not null, "made_at" timestamptz(3) not null default now(), primary key ("name"));`,
    );
    this.addSql(
      `comment on table "kept_secret" is 'Keys that the service makes at its first start; all nodes use the same';`,
    );

    this.addSql(
      `create table "line_event" ("show_id" int not null, "line" varchar(8) not null, "n" bigint not null, "at" timestamptz(3) not null, "kind" varchar(8) not null, "ticket" int null, "hash" char(64) not null, primary key ("show_id", "line", "n"));`,
    );
    this.addSql(
      `comment on table "line_event" is 'The chain: what happened to a line, each entry''s hash bound to all before it';`,
    );

    this.addSql(
      `create table "presence" ("show_id" int not null, "session_id" uuid not null, "gone_at" timestamptz(3) not null, "seen_at" timestamptz(3) not null, primary key ("show_id", "session_id"));`,
    );
    this.addSql(
      `comment on table "presence" is 'When a session inside a metered show counts as gone, unless it is seen again';`,
    );

    this.addSql(
      `create table "push_message" ("show_id" int not null, "message_id" uuid not null default gen_random_uuid(), "session_id" uuid not null, "endpoint_hash" char(64) not null, "type" varchar(32) not null, "booking_id" uuid null, "expires_at" timestamptz(3) null, "made_at" timestamptz(3) not null default now(), "due_at" timestamptz(3) not null default now(), "attempts" smallint not null default 0, primary key ("show_id", "message_id"));`,
    );
    this.addSql(
      `comment on table "push_message" is 'What is still to be pushed: a row an event and subscription, written in the transaction of the event';`,
    );
    this.addSql(`comment on column "push_message"."endpoint_hash" is 'which subscription';`);
    this.addSql(`comment on column "push_message"."expires_at" is 'of no use to anyone afterwards';`);
    this.addSql(`comment on column "push_message"."due_at" is 'the next attempt; later while one runs';`);
    this.addSql(`create index "push_message_by_due" on "push_message" ("due_at");`);
    this.addSql(`create index "push_message_by_subscription" on "push_message" ("session_id", "endpoint_hash");`);

    this.addSql(
      `create table "push_subscription" ("session_id" uuid not null, "endpoint_hash" char(64) not null, "endpoint" text not null, "p256dh" varchar(128) not null, "auth" varchar(64) not null, "made_at" timestamptz(3) not null default now(), primary key ("session_id", "endpoint_hash"));`,
    );
    this.addSql(
      `comment on table "push_subscription" is 'Browsers that a session wants its offers and admissions pushed to';`,
    );
    this.addSql(`comment on column "push_subscription"."endpoint_hash" is 'SHA-256, hex';`);

    this.addSql(
      `create table "shopper" ("show_id" int not null, "seq" bigint not null, "n" int not null, "session_id" uuid not null, "admitted_at" timestamptz(3) not null, "until" timestamptz(3) not null, "ticket" int null, "is_inside" boolean not null default true, primary key ("show_id", "seq", "n"));`,
    );
    this.addSql(`comment on table "shopper" is 'Stays in shows whose entry is metered';`);
    this.addSql(`comment on column "shopper"."seq" is 'the commit that let it in';`);
    this.addSql(`comment on column "shopper"."n" is 'which of those that it let in';`);
    this.addSql(`comment on column "shopper"."until" is 'when the stay ends at the latest';`);
    this.addSql(`comment on column "shopper"."ticket" is 'null: let in without standing in line';`);
    this.addSql(`create unique index shopper_one_stay_a_session on shopper (show_id, session_id) where is_inside;`);
    this.addSql(`create index "shopper_by_admission" on "shopper" ("show_id", "admitted_at");`);

    this.addSql(
      `create table "show_line" ("show_id" int not null, "line" varchar(8) not null, "last_ticket" int not null default 0, "version" bigint not null default '0', "hash" char(64) not null, "seed" char(64) null, "lobby_size" int null, primary key ("show_id", "line"));`,
    );
    this.addSql(`comment on table "show_line" is 'How far each line of a show is; made at its first use';`);
    this.addSql(`comment on column "show_line"."version" is 'n of the chain''s last entry';`);
    this.addSql(`comment on column "show_line"."hash" is 'of the chain''s last entry';`);
    this.addSql(`comment on column "show_line"."seed" is 'what the lobby is shuffled by; secret until then';`);
    this.addSql(`comment on column "show_line"."lobby_size" is 'how many the shuffle placed; null before it';`);

    this.addSql(
      `create table "waiter" ("show_id" int not null, "line" varchar(8) not null, "ticket" int not null, "place" int null, "session_id" uuid not null, "party_size" smallint not null, "tiers" jsonb null, "kind" varchar(16) null, "joined_at" timestamptz(3) not null, "expires_at" timestamptz(3) not null, "receipt" varchar(86) not null, "waits" boolean not null default true, primary key ("show_id", "line", "ticket"));`,
    );
    this.addSql(`comment on table "waiter" is 'Everyone who ever stood in a line, one row a ticket';`);
    this.addSql(
      `comment on column "waiter"."place" is 'null for the members of a lobby: drawn from its seed and receipts';`,
    );
    this.addSql(`comment on column "waiter"."tiers" is 'null: any';`);
    this.addSql(`create unique index waiter_one_place_a_session on waiter (show_id, session_id) where waits;`);

    this.addSql(`alter table "booking" add "ticket" int null;`);
    this.addSql(`comment on column "booking"."ticket" is 'of the seat line, if the seats were offered to it';`);

    this.addSql(`alter table "show" add "called_off_reason" text null;`);

    this.addSql(
      `alter table "show_ledger" add "in_line" int not null default 0, add "called_off" boolean not null default false;`,
    );
    this.addSql(`comment on column "show_ledger"."in_line" is 'who waits in both lines, and who is inside';`);
    this.addSql(`create index show_ledger_with_lines on show_ledger (show_id) where in_line > 0;`);

    this.addSql(
      `alter table "push_message" add constraint "push_message_type" check (type in ('queue:offer', 'queue:admitted', 'booking:updated'));`,
    );

    this.addSql(`alter table "show_line" add constraint "show_line_line" check (line in ('seats', 'entry'));`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "kept_secret" cascade;`);
    this.addSql(`drop table if exists "line_event" cascade;`);
    this.addSql(`drop table if exists "presence" cascade;`);
    this.addSql(`drop table if exists "push_message" cascade;`);
    this.addSql(`drop table if exists "push_subscription" cascade;`);
    this.addSql(`drop table if exists "shopper" cascade;`);
    this.addSql(`drop table if exists "show_line" cascade;`);
    this.addSql(`drop table if exists "waiter" cascade;`);

    this.addSql(`alter table "booking" drop column "ticket";`);

    this.addSql(`alter table "show" drop column "called_off_reason";`);

    this.addSql(`drop index "show_ledger_with_lines";`);
    this.addSql(`alter table "show_ledger" drop column "in_line", drop column "called_off";`);
  }
}
