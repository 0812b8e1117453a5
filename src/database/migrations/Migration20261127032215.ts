import { Migration } from '@mikro-orm/migrations';

export class Migration20261127032215 extends Migration {
  override name = 'Migration20261127032215';

  override up(): void | Promise<void> {
    for (const table of ['city', 'cinema', 'hall', 'movie', 'show']) {
      this.addSql(`alter table "${table}" add "external_ref" text null;`);
      this.addSql(`alter table "${table}" add constraint "${table}_external_ref" unique ("external_ref");`);
    }

    // The extension comes with PostgreSQL and is trusted, so the owner of the database may create it.
    this.addSql(`create extension if not exists btree_gist;`);
    this.addSql(
      `alter table show add constraint show_one_at_a_time exclude using gist (hall_id with =, tstzrange(starts_at, ends_at) with &&) where (called_off_at is null);`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "show" drop constraint "show_one_at_a_time";`);
    for (const table of ['city', 'cinema', 'hall', 'movie', 'show']) {
      this.addSql(`alter table "${table}" drop column "external_ref";`);
    }
  }
}
