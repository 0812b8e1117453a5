import { Migration } from '@mikro-orm/migrations';

/**
 * Makes room for encrypted secrets. The nodes encrypt the secrets when they start, because only they have the key, and
 * because nodes of the previous release may still need the secrets in plain text.
 */
export class Migration20261201021849 extends Migration {
  override name = 'Migration20261201021849';

  override up(): void | Promise<void> {
    this.addSql(`comment on column "kept_secret"."value" is 'encrypted';`);

    this.addSql(`comment on column "ticket_key"."private_key" is 'PKCS #8, PEM; encrypted';`);

    this.addSql(`alter table "webhook_endpoint" alter column "secret" type text using ("secret"::text);`);
    this.addSql(`comment on column "webhook_endpoint"."secret" is 'signs the webhooks; encrypted';`);
  }

  override down(): void | Promise<void> {
    this.addSql(`comment on column "kept_secret"."value" is null;`);

    this.addSql(`comment on column "ticket_key"."private_key" is 'PKCS #8, PEM';`);

    this.addSql(`alter table "webhook_endpoint" alter column "secret" type varchar(64) using ("secret"::varchar(64));`);
    this.addSql(
      `comment on column "webhook_endpoint"."secret" is 'signs the webhooks, so it is stored in plain text';`,
    );
  }
}
