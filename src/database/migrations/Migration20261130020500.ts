import { Migration } from '@mikro-orm/migrations';

export class Migration20261130020500 extends Migration {
  override name = 'Migration20261130020500';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "idempotency_key" ("caller" varchar(128) not null, "key" varchar(128) not null, "request_hash" char(64) not null, "claim" uuid not null, "claimed_until" timestamptz(3) not null, "effect" text null, "answer" text null, "created_at" timestamptz(3) not null default now(), primary key ("caller", "key"));`,
    );
    this.addSql(
      `comment on table "idempotency_key" is 'Idempotency keys of calls outside the lanes, with what each did and was answered; kept for a day';`,
    );
    this.addSql(`comment on column "idempotency_key"."caller" is 'the session or the API key';`);
    this.addSql(`comment on column "idempotency_key"."request_hash" is 'SHA-256, hex';`);
    this.addSql(`comment on column "idempotency_key"."claim" is 'the attempt that runs, or ran last';`);
    this.addSql(`comment on column "idempotency_key"."claimed_until" is 'until then no other attempt begins';`);
    this.addSql(
      `comment on column "idempotency_key"."effect" is 'written in the transaction of the effect; encrypted';`,
    );
    this.addSql(`comment on column "idempotency_key"."answer" is 'status and body; encrypted';`);
    this.addSql(`create index "idempotency_key_by_age" on "idempotency_key" ("created_at");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "idempotency_key" cascade;`);
  }
}
