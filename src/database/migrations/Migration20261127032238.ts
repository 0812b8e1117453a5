import { Migration } from '@mikro-orm/migrations';

export class Migration20261127032238 extends Migration {
  override name = 'Migration20261127032238';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "refund" ("show_id" int not null, "refund_id" uuid not null, "payment_id" uuid not null, "booking_id" uuid not null, "amount" int not null, "currency" char(3) not null, "kind" varchar(8) not null, "reference" text null, "made_at" timestamptz(3) not null default now(), "paid_at" timestamptz(3) null, "due_at" timestamptz(3) null default now(), "attempts" smallint not null default 0, primary key ("show_id", "refund_id"));`,
    );
    this.addSql(
      `comment on table "refund" is 'Money that goes back, written in the transaction that frees its seats';`,
    );
    this.addSql(`comment on column "refund"."refund_id" is 'the idempotency key at the provider';`);
    this.addSql(`comment on column "refund"."amount" is 'minor units';`);
    this.addSql(`comment on column "refund"."kind" is 'returned: the payment found no seats';`);
    this.addSql(`comment on column "refund"."reference" is 'the provider''s name for it';`);
    this.addSql(`comment on column "refund"."paid_at" is 'when the provider had given the money back';`);
    this.addSql(`comment on column "refund"."due_at" is 'the next attempt; null: settled';`);
    this.addSql(`create index "refund_by_payment" on "refund" ("show_id", "payment_id");`);
    this.addSql(`create index refund_by_due on refund (due_at) where due_at is not null;`);

    this.addSql(
      `alter table "booking" add "payment_id" uuid null, add "payment_status" varchar(16) null, add "payment_provider" varchar(16) null;`,
    );
    this.addSql(`comment on column "booking"."payment_id" is 'that paid for it, or was begun last';`);

    this.addSql(`create index show_ledger_to_refund on show_ledger (show_id) where called_off and sold > 0;`);

    this.addSql(`alter table "refund" add constraint "refund_kind" check (kind in ('returned', 'whole', 'part'));`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "refund" cascade;`);

    this.addSql(
      `alter table "booking" drop column "payment_id", drop column "payment_status", drop column "payment_provider";`,
    );

    this.addSql(`drop index "show_ledger_to_refund";`);
  }
}
