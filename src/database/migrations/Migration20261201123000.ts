import { Migration } from '@mikro-orm/migrations';

/**
 * Deletes idempotency keys that earlier releases kept after an erasure or after the retention period. The ids below are
 * those of pseudonyms.
 */
export class Migration20261201123000 extends Migration {
  override name = 'Migration20261201123000';

  override up(): void | Promise<void> {
    const isPseudonym = `"session_id" <= '00000000-0000-7fff-ffff-ffffffffffff'::uuid`;
    this.addSql(`update "booking" set "key" = null, "body_hash" = null where ${isPseudonym} and "key" is not null;`);
    this.addSql(`update "payment" set "key" = null where ${isPseudonym} and "key" is not null;`);
    // The new release goes through the logs of past shows again. It begins a day later, when the nodes of the earlier
    // release have stopped.
    this.addSql(
      `update "show_anonymization" set "attempts" = 0, "due_at" = now() + interval '1 day',
         "salt" = replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '') where "salt" is null;`,
    );
    this.addSql(`alter table "line_key" add column "seq" bigint null;`);
    this.addSql(
      `comment on column "line_key"."seq" is 'the log entry with the same key, which is deleted with this row; null in rows of earlier releases';`,
    );
    this.addSql(`comment on column "idempotency_key"."caller" is 'the session, the link to a booking or the API key';`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "line_key" drop column "seq";`);
    this.addSql(`comment on column "idempotency_key"."caller" is 'the session or the API key';`);
  }
}
