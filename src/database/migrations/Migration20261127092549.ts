import { Migration } from '@mikro-orm/migrations';

export class Migration20261127092549 extends Migration {
  override name = 'Migration20261127092549';

  override up(): void | Promise<void> {
    this.addSql(`create index "presence_by_gone" on "presence" ("gone_at");`);

    this.addSql(`create index shopper_inside_by_admission on shopper (admitted_at) where is_inside;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "presence_by_gone";`);

    this.addSql(`drop index "shopper_inside_by_admission";`);
  }
}
