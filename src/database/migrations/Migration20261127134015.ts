import { Migration } from '@mikro-orm/migrations';

export class Migration20261127134015 extends Migration {
  override name = 'Migration20261127134015';

  override up(): void | Promise<void> {
    this.addSql(`alter table "refund" alter column "attempts" type int using ("attempts"::int);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "refund" alter column "attempts" type smallint using ("attempts"::smallint);`);
  }
}
