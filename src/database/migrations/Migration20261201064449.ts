import { Migration } from '@mikro-orm/migrations';

export class Migration20261201064449 extends Migration {
  override name = 'Migration20261201064449';

  override up(): void | Promise<void> {
    this.addSql(`alter table "show" add "protection" jsonb null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "show" drop column "protection";`);
  }
}
