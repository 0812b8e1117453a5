import { Migration } from '@mikro-orm/migrations';

export class Migration20261201021921 extends Migration {
  override name = 'Migration20261201021921';

  override up(): void | Promise<void> {
    this.addSql(
      `alter table "api_key" add "previous_hash" char(64) null, add "previous_expires_at" timestamptz(3) null, add "cinema_ids" int[] null, add "expires_at" timestamptz(3) null, add "last_used_at" timestamptz(3) null;`,
    );
    this.addSql(`comment on column "api_key"."previous_hash" is 'SHA-256 of the key before its last rotation, hex';`);
    this.addSql(
      `comment on column "api_key"."previous_expires_at" is 'until when the key before its last rotation is still valid';`,
    );
    this.addSql(
      `comment on column "api_key"."cinema_ids" is 'the only cinemas for which the key is valid; null if there is only cinema_id';`,
    );
    this.addSql(`comment on column "api_key"."last_used_at" is 'written at most once a minute by each node';`);
    this.addSql(
      `comment on column "api_key"."cinema_id" is 'the only cinema for which the key is valid; null if there are several';`,
    );
    this.addSql(`comment on column "api_key"."show_id" is 'the only show for which the key is valid';`);
    this.addSql(`alter table "api_key" add constraint "api_key_previous_hash_unique" unique ("previous_hash");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "api_key" drop constraint "api_key_previous_hash_unique";`);
    this.addSql(
      `alter table "api_key" drop column "previous_hash", drop column "previous_expires_at", drop column "cinema_ids", drop column "expires_at", drop column "last_used_at";`,
    );
    this.addSql(`comment on column "api_key"."show_id" is 'the only show that the gate serves';`);
    this.addSql(`comment on column "api_key"."cinema_id" is 'the only cinema that the gate serves';`);
  }
}
