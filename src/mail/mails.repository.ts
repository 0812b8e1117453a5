import { Inject, Injectable } from '@nestjs/common';
import type { Mail, MailKind, MailStatus, Page } from '@usher/contract';
import type { Pool, PoolClient } from 'pg';
import { type KeyScope, scopeCondition } from '../access/index.js';
import { createId } from '../common/ids.js';
import { CONFIG, type Config } from '../config/config.js';
import { PG_POOL } from '../database/pg-pool.js';
import { toIso, toIsoOrNull, toEpochMs } from '../database/sql-time.js';
import type { Move } from './mail-message.entity.js';

/** An event that a buyer is mailed about. */
export interface MailEvent {
  readonly bookingId: string;
  readonly kind: MailKind;
  readonly refundId: string | null;
  /** Time of the event, ms since 1970. */
  readonly at: number;
}

/** What a mail is about, in addition to its booking. */
export interface MailTopic {
  /** The refunded amount in minor units. Null if the mail is not about a refund. */
  readonly refund: { readonly amount: number; readonly currency: string } | null;
  /** The show's move. Null if the mail is not about a move. */
  readonly move: Move | null;
}

interface MailRow extends Omit<Mail, 'createdAt' | 'sentAt'> {
  readonly createdAt: number;
  readonly sentAt: number | null;
}

/** SQL expressions that select a {@link MailTopic}. The query must give `mail_message` the alias `t`. */
export const topicColumns = `t.move, (select json_build_object('amount', r.amount, 'currency', r.currency) from refund r
  where r.show_id = t.show_id and r.refund_id = t.refund_id) as refund`;

const mailColumns = `t.mail_id as "mailId", t.show_id as "showId", t.booking_id as "bookingId", t.kind, t.address as "to",
  t.status, t.attempts, t.last_error as "lastError", ${toEpochMs('t.created_at')} as "createdAt", ${toEpochMs('t.sent_at')} as "sentAt"`;

const toMail = ({ createdAt, sentAt, ...row }: MailRow): Mail => ({
  ...row,
  createdAt: toIso(createdAt),
  sentAt: toIsoOrNull(sentAt),
});

/** Maximum number of mails about one booking that a buyer can cause by setting the address again. */
const mailsPerBookingMax = 5;

/** Number of rows that one statement deletes. */
const deletedRowsMax = 1000;

/** Stores all mails and the mail addresses of buyers. A {@link MailWorker} sends the mails. */
@Injectable()
export class MailsRepository {
  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Inserts mails about events of bookings whose buyers have left an address. The tickets of a booking are mailed only
   * once. Other events that happened before the buyer left the address are skipped. Such events occur, because the logs
   * are not read until a buyer has left an address.
   *
   * If the booking is already booked when its buyer sets the address, {@link addTickets} also inserts the tickets'
   * mail. Neither transaction sees the uncommitted row of the other. Both rows have the same occasion, so the unique
   * key allows only one of them.
   *
   * Every statement that inserts mails locks the address. So a call that erases the address waits for the statement,
   * and then also deletes its mails.
   */
  async add(client: PoolClient, showId: number, events: readonly MailEvent[]): Promise<void> {
    await client.query(
      `insert into mail_message (show_id, mail_id, booking_id, kind, refund_id, occasion, address)
       select $1, n.id, n.booking_id, n.kind, n.refund_id, coalesce(n.refund_id, c.request_id)::text, c.email
       from unnest($2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::float8[]) as n (id, booking_id, kind, refund_id, at)
       join booking_contact c on c.show_id = $1 and c.booking_id = n.booking_id
       where case n.kind when 'booked' then not exists (
           select from mail_message m where m.show_id = $1 and m.booking_id = n.booking_id and m.kind = 'booked')
         else n.at >= ${toEpochMs('c.made_at')} end
       for share of c
       on conflict (show_id, booking_id, kind, occasion) do nothing`,
      [
        showId,
        events.map(createId),
        events.map(({ bookingId }) => bookingId),
        events.map(({ kind }) => kind),
        events.map(({ refundId }) => refundId),
        events.map(({ at }) => at),
      ],
    );
  }

  /**
   * Inserts mails about a show's move, for the buyers who had booked and left an address before the move.
   *
   * @param occasion identifies the move among the changes to the show
   * @param at time of the move, ms since 1970
   */
  async addMoved(client: PoolClient, showId: number, move: Move, occasion: string, at: number): Promise<void> {
    await client.query(
      `insert into mail_message (show_id, mail_id, booking_id, kind, move, occasion, address)
       select $1, gen_random_uuid(), b.booking_id, 'moved', $2::jsonb, $4, c.email
       from booking b join booking_contact c on c.show_id = b.show_id and c.booking_id = b.booking_id
       where b.show_id = $1 and b.status = 'booked' and ${toEpochMs('b.created_at')} <= $3 and ${toEpochMs('c.made_at')} <= $3
       for share of c
       on conflict (show_id, booking_id, kind, occasion) do nothing`,
      [showId, JSON.stringify(move), at, occasion],
    );
  }

  /** Inserts a mail with the tickets to the booking's current address, unless the booking already has too many mails. */
  async addTickets(showId: number, bookingId: string): Promise<void> {
    await this.pool.query(
      `insert into mail_message (show_id, mail_id, booking_id, kind, occasion, address)
       select $1, $2, $3, 'booked', c.request_id::text, c.email from booking_contact c
       where c.show_id = $1 and c.booking_id = $3
         and (select count(*) from mail_message m where m.show_id = $1 and m.booking_id = $3) < $4
       for share of c
       on conflict (show_id, booking_id, kind, occasion) do nothing`,
      [showId, createId(), bookingId, mailsPerBookingMax],
    );
  }

  /** Deletes the addresses and the mails of shows whose retention period has ended. */
  async deleteOld(): Promise<void> {
    await this.deleteOf('booking_contact', this.config.contactRetentionDays);
    await this.deleteOf('mail_message', this.config.mailRetentionDays);
  }

  /**
   * Adapts the mails that are not sent yet to a change of the booking's address, in the transaction of the change. Mails
   * with tickets are deleted, because the change causes a new one. Other mails go to the new address.
   *
   * @param address null if the address was erased; then all unsent mails are deleted
   */
  async changeAddress(client: PoolClient, showId: number, bookingId: string, address: string | null): Promise<void> {
    const isUnsent = 'show_id = $1 and booking_id = $2 and address is not null';
    await client.query(
      `delete from mail_message where ${isUnsent} and ($3::boolean or kind = 'booked' or status = 'failed')`,
      [showId, bookingId, address === null],
    );
    if (address === null) return;
    await client.query(`update mail_message set address = $3 where ${isUnsent}`, [showId, bookingId, address]);
  }

  /** Lists the mails about the shows of a scope, newest first. @param cursor id of the last mail of the previous page */
  async list(
    { showId, cinemaIds }: KeyScope,
    status: MailStatus | null,
    limit: number,
    cursor: string | null,
  ): Promise<Page<Mail>> {
    const { rows } = await this.pool.query<MailRow>(
      `select ${mailColumns} from mail_message t
       where ($1::text is null or t.status = $1) and ($2::uuid is null or t.mail_id < $2)
         and ${scopeCondition('t.show_id', { showId: '$4::int', cinemaIds: '$5::int[]' })}
       order by t.mail_id desc limit $3`,
      [status, cursor, limit + 1, showId, cinemaIds],
    );
    const items = rows.slice(0, limit).map(toMail);
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.mailId ?? null) : null };
  }

  /** Finds a mail and its topic. Returns null if the mail is about a show outside the scope. */
  async find({ showId, cinemaIds }: KeyScope, mailId: string): Promise<({ mail: Mail } & MailTopic) | null> {
    const { rows } = await this.pool.query<MailRow & MailTopic>(
      `select ${mailColumns}, ${topicColumns} from mail_message t
       where t.mail_id = $1 and ${scopeCondition('t.show_id', { showId: '$2::int', cinemaIds: '$3::int[]' })}`,
      [mailId, showId, cinemaIds],
    );
    if (!rows[0]) return null;
    const { refund, move, ...row } = rows[0];
    return { mail: toMail(row), refund, move };
  }

  private async deleteOf(table: string, days: number): Promise<void> {
    for (;;) {
      const { rowCount } = await this.pool.query(
        `delete from ${table} where ctid = any (array(
           select t.ctid from ${table} t join show on show.id = t.show_id
           where show.ends_at < now() - $1 * interval '1 day' limit $2))`,
        [days, deletedRowsMax],
      );
      if ((rowCount ?? 0) < deletedRowsMax) return;
    }
  }
}
