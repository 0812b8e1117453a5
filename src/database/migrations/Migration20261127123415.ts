import { Migration } from '@mikro-orm/migrations';

export class Migration20261127123415 extends Migration {
  override name = 'Migration20261127123415';

  override up(): void | Promise<void> {
    this.addSql(`alter table "sandbox_payment" add "pending_until" timestamptz(3) null;`);
    this.addSql(`comment on column "sandbox_payment"."pending_until" is 'it says pending about it before';`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "sandbox_payment" drop column "pending_until";`);
  }
}
