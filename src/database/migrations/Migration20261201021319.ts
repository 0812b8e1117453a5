import { Migration } from '@mikro-orm/migrations';

export class Migration20261201021319 extends Migration {
  override name = 'Migration20261201021319';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "audit_entry" ("show_id" int not null, "seq" int not null, "at" timestamptz(3) not null, "action" varchar(32) not null, "actor_kind" varchar(8) not null, "actor_id" varchar(200) null, "actor_name" varchar(200) not null, "subject_kind" varchar(16) not null, "subject_id" varchar(64) not null, "cinema_id" int null, "address" varchar(45) null, "address_salt" varchar(32) null, "address_digest" char(64) null, "before" jsonb null, "after" jsonb null, "hash" char(64) not null, primary key ("show_id", "seq"));`,
    );
    this.addSql(
      `comment on table "audit_entry" is 'Audit trail: one hash chain per show, and the chain 0 for all acts that concern no show';`,
    );
    this.addSql(`comment on column "audit_entry"."show_id" is '0 if the act concerns no show';`);
    this.addSql(`comment on column "audit_entry"."seq" is 'number of the entry in its chain, without gaps';`);
    this.addSql(
      `comment on column "audit_entry"."address" is 'erased after AUDIT_ADDRESS_DAYS; only its digest is hashed';`,
    );
    this.addSql(`comment on column "audit_entry"."address_salt" is 'erased together with the address';`);
    this.addSql(`comment on column "audit_entry"."hash" is 'SHA-256 of the previous hash and this entry, hex';`);
    this.addSql(`create index "audit_entry_at" on "audit_entry" ("at", "show_id", "seq");`);
    this.addSql(`create index "audit_entry_actor" on "audit_entry" ("actor_id", "at");`);
    this.addSql(`create index "audit_entry_subject" on "audit_entry" ("subject_id");`);
    this.addSql(`create index audit_entry_with_address on audit_entry (at) where address is not null;`);

    this.addSql(
      `create table "audit_head" ("show_id" int not null, "seq" int not null, "at" timestamptz(3) not null, "hash" char(64) not null, primary key ("show_id"));`,
    );
    this.addSql(
      `comment on table "audit_head" is 'Last entry of each chain of the audit trail; its row lock orders the entries of the chain';`,
    );
    this.addSql(`comment on column "audit_head"."show_id" is '0 for acts that concern no show';`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "audit_entry" cascade;`);
    this.addSql(`drop table if exists "audit_head" cascade;`);
  }
}
