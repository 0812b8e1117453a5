import { Migration } from '@mikro-orm/migrations';

export class Migration20261130012000 extends Migration {
  override name = 'Migration20261130012000';

  override up(): void | Promise<void> {
    this.addSql(`alter table "booking_contact" add "request_id" uuid not null default gen_random_uuid();`);
    this.addSql(
      `comment on column "booking_contact"."request_id" is 'the call that set the address last; it brings about one mail with tickets';`,
    );
    // Duplicate mails from before this migration stay, because each of them gets a separate occasion.
    this.addSql(`alter table "mail_message" add "occasion" varchar(64);`);
    this.addSql(`update "mail_message" set "occasion" = "mail_id"::text;`);
    this.addSql(`alter table "mail_message" alter column "occasion" set not null;`);
    this.addSql(
      `comment on column "mail_message"."occasion" is 'what the mail is about: the refund, or the call that set the address; one mail per occasion';`,
    );
    this.addSql(`drop index "mail_message_by_booking";`);
    this.addSql(
      `alter table "mail_message" add constraint "mail_message_once" unique ("show_id", "booking_id", "kind", "occasion");`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "mail_message" drop constraint "mail_message_once";`);
    this.addSql(`create index "mail_message_by_booking" on "mail_message" ("show_id", "booking_id");`);
    this.addSql(`alter table "mail_message" drop column "occasion";`);
    this.addSql(`alter table "booking_contact" drop column "request_id";`);
  }
}
