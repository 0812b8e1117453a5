import { Migration } from '@mikro-orm/migrations';

export class Migration20261201123938 extends Migration {
  override name = 'Migration20261201123938';

  override up(): void | Promise<void> {
    this.addSql(`alter table "waiter" add "has_passed_challenge" boolean not null default false;`);
    this.addSql(
      `comment on column "waiter"."has_passed_challenge" is 'whether the session had passed the challenge of the show when it joined, or has since';`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "waiter" drop column "has_passed_challenge";`);
  }
}
