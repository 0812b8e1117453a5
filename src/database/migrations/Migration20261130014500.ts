import { Migration } from '@mikro-orm/migrations';

export class Migration20261130014500 extends Migration {
  override name = 'Migration20261130014500';

  override up(): void | Promise<void> {
    this.addSql(`alter table "booking" add "refund_terms" jsonb null;`);
    this.addSql(
      `comment on column "booking"."refund_terms" is 'the show''s start and refund rule when the seats were held';`,
    );

    this.addSql(`alter table "mail_message" drop constraint "mail_message_kind";`);
    this.addSql(`alter table "mail_message" add "move" jsonb null;`);
    this.addSql(`comment on column "mail_message"."move" is 'from what to what its show moved, if it is about that';`);
    this.addSql(
      `alter table "mail_message" add constraint "mail_message_kind" check (kind in ('booked', 'refunded', 'calledOff', 'returned', 'moved'));`,
    );

    this.addSql(`alter table "push_message" drop constraint "push_message_type";`);
    this.addSql(
      `alter table "push_message" add constraint "push_message_type" check (type in ('queue:offer', 'queue:admitted', 'booking:updated', 'show:moved', 'show:changed', 'show:calledOff'));`,
    );

    // Existing holds and bookings keep the current refund rule of the show. Without a rule, the whole price is refunded
    // until the show starts.
    this.addSql(`update booking set refund_terms = jsonb_build_object(
        'startsAt', (extract(epoch from show.starts_at) * 1000)::bigint,
        'rule', case when jsonb_exists(show.rules, 'refunds') then show.rules -> 'refunds'
          else '{"deadlineMinutes": 0, "feeAmount": 0}'::jsonb end)
      from show where show.id = booking.show_id and booking.status in ('reserved', 'booked');`);
    // A call-off used two transactions. If the second one was never committed, the catalog does not know of the
    // call-off.
    this.addSql(`update show set called_off_at = now() from show_ledger
      where show_ledger.show_id = show.id and show_ledger.called_off and show.called_off_at is null;`);

    this.addSql(`alter table "show" add "terms_version" int not null default 0;`);
    this.addSql(`comment on column "show"."terms_version" is 'changes of its terms; kept by its lane';`);
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "booking" drop column "refund_terms";`);

    this.addSql(`alter table "mail_message" drop constraint "mail_message_kind";`);
    this.addSql(`alter table "mail_message" drop column "move";`);
    this.addSql(
      `alter table "mail_message" add constraint "mail_message_kind" check (kind in ('booked', 'refunded', 'calledOff', 'returned'));`,
    );

    this.addSql(`alter table "push_message" drop constraint "push_message_type";`);
    this.addSql(
      `alter table "push_message" add constraint "push_message_type" check (type in ('queue:offer', 'queue:admitted', 'booking:updated'));`,
    );

    this.addSql(`alter table "show" drop column "terms_version";`);
  }
}
