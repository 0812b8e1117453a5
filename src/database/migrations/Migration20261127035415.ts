import { Migration } from '@mikro-orm/migrations';

export class Migration20261127035415 extends Migration {
  override name = 'Migration20261127035415';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "payment" ("show_id" int not null, "payment_id" uuid not null, "booking_id" uuid not null, "session_id" uuid not null, "provider" varchar(16) not null, "method" varchar(8) not null, "amount" int not null, "currency" char(3) not null, "on_conflict" varchar(16) not null, "status" varchar(16) not null, "description" text not null, "base_url" text not null, "return_url" text null, "key" varchar(128) null, "reference" text null, "redirect_url" text null, "qr_code" text null, "made_at" timestamptz(3) not null default now(), "due_at" timestamptz(3) null, "attempts" int not null default 0, primary key ("show_id", "payment_id"));`,
    );
    this.addSql(
      `comment on table "payment" is 'Payments; one that is open is an order to open it at the provider and to ask what became of it';`,
    );
    this.addSql(`comment on column "payment"."payment_id" is 'the idempotency key at the provider';`);
    this.addSql(`comment on column "payment"."amount" is 'minor units';`);
    this.addSql(`comment on column "payment"."on_conflict" is 'should the money come too late';`);
    this.addSql(
      `comment on column "payment"."reference" is 'the provider''s name for it; null: not known to be open there';`,
    );
    this.addSql(`comment on column "payment"."due_at" is 'when it is looked at next; null: nothing is expected';`);
    this.addSql(`create index "payment_by_id" on "payment" ("payment_id");`);
    this.addSql(`create index payment_by_due on payment (due_at) where due_at is not null;`);
    this.addSql(`alter table "payment" add constraint "payment_by_key" unique ("show_id", "booking_id", "key");`);

    this.addSql(
      `create table "payment_event" ("show_id" int not null, "provider" varchar(16) not null, "event_id" varchar(255) not null, "payment_id" uuid not null, "status" varchar(16) not null, "amount" int null, "currency" char(3) null, "received_at" timestamptz(3) not null default now(), "due_at" timestamptz(3) null default now(), "attempts" int not null default 0, primary key ("show_id", "provider", "event_id"));`,
    );
    this.addSql(
      `comment on table "payment_event" is 'Webhooks of payment providers, each kept once however often it comes';`,
    );
    this.addSql(`comment on column "payment_event"."amount" is 'what was captured, in minor units';`);
    this.addSql(`comment on column "payment_event"."due_at" is 'null: handled';`);
    this.addSql(`create index payment_event_by_due on payment_event (due_at) where due_at is not null;`);
    this.addSql(`create index payment_event_handled on payment_event (received_at) where due_at is null;`);

    this.addSql(
      `create table "sandbox_delivery" ("show_id" int not null, "delivery_id" uuid not null default gen_random_uuid(), "event_id" uuid not null, "body" text not null, "due_at" timestamptz(3) null, "attempts" int not null default 0, primary key ("show_id", "delivery_id"));`,
    );
    this.addSql(`comment on table "sandbox_delivery" is 'Webhooks that the sandbox provider still has to send';`);
    this.addSql(`create index "sandbox_delivery_by_due" on "sandbox_delivery" ("due_at");`);

    this.addSql(
      `create table "sandbox_payment" ("show_id" int not null, "payment_id" uuid not null, "reference" uuid not null, "amount" int not null, "currency" char(3) not null, "method" varchar(8) not null, "description" text not null, "return_url" text null, "redirect_url" text not null, "status" varchar(16) not null default 'pending', "expires_at" timestamptz(3) not null, "silent_until" timestamptz(3) null, "refunds" jsonb not null default '{}', primary key ("show_id", "payment_id"));`,
    );
    this.addSql(
      `comment on table "sandbox_payment" is 'What the sandbox provider knows of payments: another firm’s books, which the service reads over HTTP only';`,
    );
    this.addSql(`comment on column "sandbox_payment"."payment_id" is 'as the service calls it';`);
    this.addSql(`comment on column "sandbox_payment"."reference" is 'as the provider calls it';`);
    this.addSql(`comment on column "sandbox_payment"."amount" is 'minor units';`);
    this.addSql(`comment on column "sandbox_payment"."expires_at" is 'it takes no money afterwards';`);
    this.addSql(`comment on column "sandbox_payment"."silent_until" is 'it answers nothing about it before';`);
    this.addSql(`comment on column "sandbox_payment"."refunds" is 'minor units by idempotency key';`);
    this.addSql(`create index "sandbox_payment_by_reference" on "sandbox_payment" ("reference");`);

    this.addSql(
      `alter table "payment" add constraint "payment_status" check (status in ('pending', 'succeeded', 'declined', 'refunding', 'refunded', 'failed'));`,
    );

    this.addSql(
      `alter table "sandbox_payment" add constraint "sandbox_payment_status" check (status in ('pending', 'declined', 'succeeded'));`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "payment" cascade;`);
    this.addSql(`drop table if exists "payment_event" cascade;`);
    this.addSql(`drop table if exists "sandbox_delivery" cascade;`);
    this.addSql(`drop table if exists "sandbox_payment" cascade;`);
  }
}
