import { Migration } from '@mikro-orm/migrations';

export class Migration20261201070640 extends Migration {
  override name = 'Migration20261201070640';

  override up(): void | Promise<void> {
    this.addSql(`alter table "booking" add "source" varchar(48) null;`);
    this.addSql(
      `comment on column "booking"."source" is 'the address, as a digest whose key is deleted after a day, or the API key of the caller; null if unknown';`,
    );

    this.addSql(`alter table "stay" add "source" varchar(48) null;`);
    this.addSql(
      `comment on column "stay"."source" is 'the address, as a digest whose key is deleted after a day, or the API key of the caller; null if unknown';`,
    );

    this.addSql(`alter table "waiter" add "source" varchar(48) null;`);
    this.addSql(
      `comment on column "waiter"."source" is 'the address, as a digest whose key is deleted after a day, or the API key of the caller; null if unknown';`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "booking" drop column "source";`);

    this.addSql(`alter table "stay" drop column "source";`);

    this.addSql(`alter table "waiter" drop column "source";`);
  }
}
