import { Migration } from '@mikro-orm/migrations';

export class Migration20261127031401 extends Migration {
  override name = 'Migration20261127031401';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "api_key" ("key_id" uuid not null, "name" varchar(64) not null, "hash" char(64) not null, "roles" varchar(16)[] not null, "show_id" int null, "cinema_id" int null, "created_at" timestamptz(3) not null default now(), "revoked_at" timestamptz(3) null, primary key ("key_id"));`,
    );
    this.addSql(
      `comment on table "api_key" is 'Keys of staff, gates, kiosks and partners; the key itself is told once and not kept';`,
    );
    this.addSql(`comment on column "api_key"."hash" is 'SHA-256 of the key, hex';`);
    this.addSql(`comment on column "api_key"."show_id" is 'the one show that a gate serves';`);
    this.addSql(`comment on column "api_key"."cinema_id" is 'the one cinema that a gate serves';`);
    this.addSql(`alter table "api_key" add constraint "api_key_hash_unique" unique ("hash");`);

    this.addSql(
      `create table "booking_contact" ("show_id" int not null, "booking_id" uuid not null, "email" varchar(254) not null, "made_at" timestamptz(3) not null default now(), primary key ("show_id", "booking_id"));`,
    );
    this.addSql(
      `comment on table "booking_contact" is 'Where a buyer wants to be mailed; forgotten some weeks after the show';`,
    );

    this.addSql(
      `create table "log_follower" ("show_id" int not null, "follower" varchar(16) not null, "seq" bigint not null, primary key ("show_id", "follower"));`,
    );
    this.addSql(`comment on table "log_follower" is 'How far those who tell others of a show have read its log';`);
    this.addSql(`comment on column "log_follower"."seq" is 'all entries up to this one are read';`);

    this.addSql(
      `create table "mail_message" ("show_id" int not null, "mail_id" uuid not null, "booking_id" uuid not null, "kind" varchar(16) not null, "refund_id" uuid null, "address" varchar(254) null, "status" varchar(16) not null default 'pending', "due_at" timestamptz(3) not null default now(), "attempts" smallint not null default 0, "last_error" varchar(64) null, "created_at" timestamptz(3) not null default now(), "sent_at" timestamptz(3) null, primary key ("show_id", "mail_id"));`,
    );
    this.addSql(
      `comment on table "mail_message" is 'Mails to buyers: written in the transaction that reads the event, sent by any node';`,
    );
    this.addSql(`comment on column "mail_message"."refund_id" is 'the refund that it is about';`);
    this.addSql(`comment on column "mail_message"."address" is 'null once sent';`);
    this.addSql(`comment on column "mail_message"."due_at" is 'the next attempt; later while one runs';`);
    this.addSql(`create index mail_message_pending on mail_message (due_at) where status = 'pending';`);
    this.addSql(`create index "mail_message_by_id" on "mail_message" ("mail_id");`);
    this.addSql(`create index "mail_message_by_booking" on "mail_message" ("show_id", "booking_id");`);

    this.addSql(
      `create table "ticket_key" ("kid" varchar(64) not null, "private_key" text not null, "public_x" varchar(43) not null, "signs" boolean not null, "created_at" timestamptz(3) not null default now(), primary key ("kid"));`,
    );
    this.addSql(`comment on table "ticket_key" is 'Ed25519 keys of ticket codes; all nodes use the same';`);
    this.addSql(`comment on column "ticket_key"."private_key" is 'PKCS #8, PEM';`);
    this.addSql(`comment on column "ticket_key"."public_x" is 'the public key, base64url';`);
    this.addSql(`comment on column "ticket_key"."signs" is 'new codes are signed by it; one key does';`);
    this.addSql(`create unique index ticket_key_one_signs on ticket_key (signs) where signs;`);

    this.addSql(
      `create table "ticket" ("show_id" int not null, "ticket_id" uuid not null, "booking_id" uuid not null, "seat" int not null, "used_at" timestamptz(3) null, "used_gate" varchar(64) null, "used_key" varchar(128) null, "voided_at" timestamptz(3) null, primary key ("show_id", "ticket_id"));`,
    );
    this.addSql(`comment on table "ticket" is 'One row a booked seat, made when its ticket is first asked for';`);
    this.addSql(`comment on column "ticket"."used_at" is 'null: nobody was let in by it';`);
    this.addSql(`comment on column "ticket"."used_key" is 'idempotency key of the check-in';`);
    this.addSql(`comment on column "ticket"."voided_at" is 'its refund has begun: lets nobody in';`);
    this.addSql(
      `alter table "ticket" add constraint "ticket_one_a_seat_of_a_booking" unique ("show_id", "booking_id", "seat");`,
    );

    this.addSql(
      `create table "webhook_delivery" ("show_id" int not null, "delivery_id" uuid not null, "endpoint_id" uuid not null, "event" jsonb not null, "status" varchar(16) not null default 'pending', "due_at" timestamptz(3) not null default now(), "give_up_at" timestamptz(3) not null, "attempts" int not null default 0, "last_result" varchar(64) null, "created_at" timestamptz(3) not null default now(), primary key ("show_id", "delivery_id"));`,
    );
    this.addSql(
      `comment on table "webhook_delivery" is 'Events on their way to partners: a row an event and endpoint, written in the transaction that reads the event';`,
    );
    this.addSql(`comment on column "webhook_delivery"."due_at" is 'the next attempt; later while one runs';`);
    this.addSql(`comment on column "webhook_delivery"."give_up_at" is 'no attempt is made after this';`);
    this.addSql(`create index webhook_delivery_pending on webhook_delivery (due_at) where status = 'pending';`);
    this.addSql(`create index "webhook_delivery_by_endpoint" on "webhook_delivery" ("endpoint_id", "delivery_id");`);

    this.addSql(
      `create table "webhook_endpoint" ("endpoint_id" uuid not null, "key_id" uuid null, "url" varchar(2048) not null, "events" varchar(32)[] not null, "secret" varchar(64) not null, "created_at" timestamptz(3) not null default now(), "gone_at" timestamptz(3) null, primary key ("endpoint_id"));`,
    );
    this.addSql(`comment on table "webhook_endpoint" is 'Where the owners of keys want to hear of events';`);
    this.addSql(`comment on column "webhook_endpoint"."key_id" is 'whose; null: of the key in the settings';`);
    this.addSql(`comment on column "webhook_endpoint"."secret" is 'signs what is sent, so it is kept as it is';`);
    this.addSql(`comment on column "webhook_endpoint"."gone_at" is 'since when it answers 410';`);
    this.addSql(`create index "webhook_endpoint_by_key" on "webhook_endpoint" ("key_id");`);

    this.addSql(
      `alter table "api_key" add constraint "api_key_roles" check (roles <@ array['admin', 'staff', 'gate', 'partner', 'kiosk']::varchar[]);`,
    );

    this.addSql(
      `alter table "mail_message" add constraint "mail_message_kind" check (kind in ('booked', 'refunded', 'calledOff', 'returned'));`,
    );
    this.addSql(
      `alter table "mail_message" add constraint "mail_message_status" check (status in ('pending', 'sent', 'failed'));`,
    );

    this.addSql(
      `alter table "ticket" add constraint "ticket_used_or_voided" check (used_at is null or voided_at is null);`,
    );

    this.addSql(
      `alter table "webhook_delivery" add constraint "webhook_delivery_status" check (status in ('pending', 'delivered', 'failed'));`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "api_key" cascade;`);
    this.addSql(`drop table if exists "booking_contact" cascade;`);
    this.addSql(`drop table if exists "log_follower" cascade;`);
    this.addSql(`drop table if exists "mail_message" cascade;`);
    this.addSql(`drop table if exists "ticket_key" cascade;`);
    this.addSql(`drop table if exists "ticket" cascade;`);
    this.addSql(`drop table if exists "webhook_delivery" cascade;`);
    this.addSql(`drop table if exists "webhook_endpoint" cascade;`);
  }
}
