import { Migration } from '@mikro-orm/migrations';

export class Migration20261130012329 extends Migration {
  override name = 'Migration20261130012329';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "admission_conflict" ("show_id" int not null, "conflict_id" uuid not null, "fingerprint" varchar(64) not null, "ticket_id" uuid null, "label" varchar(64) null, "result" varchar(16) not null, "admitted_at" timestamptz(3) not null, "gate" varchar(64) not null, "used_at" timestamptz(3) null, "used_gate" varchar(64) null, "recorded_at" timestamptz(3) not null default now(), primary key ("show_id", "conflict_id"));`,
    );
    this.addSql(
      `comment on table "admission_conflict" is 'People whom a gate without network admitted although their ticket did not entitle them, e.g. a copied ticket';`,
    );
    this.addSql(
      `comment on column "admission_conflict"."fingerprint" is 'SHA-256 of code and idempotency key: the same admission is recorded once, however often it is handed in';`,
    );
    this.addSql(`comment on column "admission_conflict"."ticket_id" is 'null: the code is not one of this service';`);
    this.addSql(`comment on column "admission_conflict"."label" is 'label of the seat';`);
    this.addSql(`comment on column "admission_conflict"."admitted_at" is 'by the gate''s clock';`);
    this.addSql(`comment on column "admission_conflict"."used_at" is 'when the ticket was used first';`);
    this.addSql(
      `alter table "admission_conflict" add constraint "admission_conflict_once" unique ("show_id", "fingerprint");`,
    );

    this.addSql(
      `alter table "admission_conflict" add constraint "admission_conflict_result" check (result in ('used', 'refunded', 'wrongShow', 'notToday', 'forged'));`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "admission_conflict" cascade;`);
  }
}
