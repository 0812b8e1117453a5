import { Migration } from '@mikro-orm/migrations';

export class Migration20261130014840 extends Migration {
  override name = 'Migration20261130014840';

  override up(): void | Promise<void> {
    this.addSql(
      `alter table "payment" add "failure_code" varchar(32) null, add "failure_detail" text null, add "capture_reference" text null, add "disputes" jsonb not null default '{}';`,
    );
    this.addSql(`comment on column "payment"."failure_code" is 'why the provider refused it';`);
    this.addSql(`comment on column "payment"."capture_reference" is 'the provider''s name for the money';`);
    this.addSql(`comment on column "payment"."disputes" is 'open, won or lost, by dispute';`);
    this.addSql(`create index payment_by_capture on payment (capture_reference) where capture_reference is not null;`);

    this.addSql(`alter table "payment_event" add "dispute_id" varchar(255) null, add "capture_reference" text null;`);
    this.addSql(`comment on column "payment_event"."amount" is 'what was captured, or has gone back, in minor units';`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "payment_by_capture";`);
    this.addSql(
      `alter table "payment" drop column "failure_code", drop column "failure_detail", drop column "capture_reference", drop column "disputes";`,
    );

    this.addSql(`alter table "payment_event" drop column "dispute_id", drop column "capture_reference";`);
    this.addSql(`comment on column "payment_event"."amount" is 'what was captured, in minor units';`);
  }
}
