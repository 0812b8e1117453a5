import { Migration } from '@mikro-orm/migrations';

export class Migration20261130012657 extends Migration {
  override name = 'Migration20261130012657';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "booking_link" ("show_id" int not null, "booking_id" uuid not null, "revision" int not null, primary key ("show_id", "booking_id"));`,
    );
    this.addSql(
      `comment on table "booking_link" is 'Link revisions of bookings whose mailed links were revoked; a booking without a row has revision 0';`,
    );
    this.addSql(`comment on column "booking_link"."revision" is 'links of another revision are refused';`);

    this.addSql(
      `create index booking_by_code on booking (right(booking_id::text, 8)) where payment_id is not null or status in ('booked', 'refunded');`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "booking_link" cascade;`);

    this.addSql(`drop index "booking_by_code";`);
  }
}
