import { Migration } from '@mikro-orm/migrations';

export class Migration20261130013500 extends Migration {
  override name = 'Migration20261130013500';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "line_key" ("show_id" int not null, "session_id" uuid not null, "key" varchar(128) not null, "body_hash" varchar(64) not null, "line" varchar(8) not null, "ticket" int not null, "moment" jsonb not null, "created_at" timestamptz(3) not null, primary key ("show_id", "session_id", "key"));`,
    );
    this.addSql(
      `comment on table "line_key" is 'Idempotency keys that joins came with, and the place that each was answered with; kept for a day';`,
    );
    this.addSql(`comment on column "line_key"."moment" is 'how the line was when the place was answered';`);
    this.addSql(`create index "line_key_by_age" on "line_key" ("created_at");`);
    this.addSql(`alter table "waiter" add "outcome" varchar(16) null, add "ended_at" timestamptz(3) null;`);
    this.addSql(`comment on column "waiter"."outcome" is 'what became of it; null while it waits';`);
    this.addSql(`comment on column "waiter"."ended_at" is 'when that happened';`);
    this.addSql(`create index "waiter_by_session" on "waiter" ("show_id", "session_id");`);
    // Sessions ask for the outcome of a wait soon after it ended. So older waits get no outcome.
    this.addSql(`with recent as (
        select show_id, line, ticket from waiter where not waits and joined_at > now() - interval '1 day'
      ), last as (
        select distinct on (e.show_id, e.line, e.ticket) e.show_id, e.line, e.ticket, e.kind, e.at
        from line_event e join recent using (show_id, line, ticket)
        where e.kind <> 'join' order by e.show_id, e.line, e.ticket, e.n desc
      )
      update waiter w set ended_at = last.at, outcome = case last.kind when 'offer' then 'offered'
        when 'admit' then 'admitted' when 'lapse' then 'offerLapsed' when 'leave' then 'left'
        else case when last.at >= w.expires_at then 'maxWait' else 'saleClosed' end end
      from last where w.show_id = last.show_id and w.line = last.line and w.ticket = last.ticket;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "waiter_by_session";`);
    this.addSql(`alter table "waiter" drop column "outcome", drop column "ended_at";`);
    this.addSql(`drop table if exists "line_key" cascade;`);
  }
}
