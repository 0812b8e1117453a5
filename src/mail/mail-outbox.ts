import { Inject, Injectable } from '@nestjs/common';
import type { Mail, MailKind, MailStatus, Page } from '@usher/contract';
import type { Pool, PoolClient } from 'pg';
import { createId } from '../common/ids.js';
import { PG_POOL } from '../database/pg-pool.js';
import { toIso, toIsoOrNull, toEpochMs } from '../database/sql-time.js';
import type { Move } from './mail-message.entity.js';

/** A mail that this node may try to send until its claim ends. */
export interface ClaimedMail {
  readonly showId: number;
  readonly mailId: string;
  readonly bookingId: string;
  readonly kind: MailKind;
  readonly address: string;
  /** What goes back, in minor units; null: the mail is about no refund. */
  readonly refund: { readonly amount: number; readonly currency: string } | null;
  /** Null: the mail is about no move. */
  readonly move: Move | null;
  /** Counts the one that the claim is for. */
  readonly attempts: number;
}

/** Something to write to a buyer about. */
export interface News {
  readonly bookingId: string;
  readonly kind: MailKind;
  readonly refundId: string | null;
  /** When it happened, ms since 1970. */
  readonly at: number;
}

interface MailRow extends Omit<Mail, 'createdAt' | 'sentAt'> {
  readonly createdAt: number;
  readonly sentAt: number | null;
}

const refund = `(select json_build_object('amount', r.amount, 'currency', r.currency) from refund r
  where r.show_id = m.show_id and r.refund_id = m.refund_id)`;

const columns = `m.mail_id as "mailId", m.show_id as "showId", m.booking_id as "bookingId", m.kind, m.address as "to",
  m.status, m.attempts, m.last_error as "lastError", ${toEpochMs('m.created_at')} as "createdAt", ${toEpochMs('m.sent_at')} as "sentAt"`;

const toMail = ({ createdAt, sentAt, ...row }: MailRow): Mail => ({
  ...row,
  createdAt: toIso(createdAt),
  sentAt: toIsoOrNull(sentAt),
});

/** Mails about one booking that a buyer can bring about by asking again. */
const mailsOfBookingMax = 5;

/** How long after a show its buyers' addresses are kept: refunds are settled by then. */
const addressDaysMax = 30;

/** Mails on their way. A claim moves the next attempt past the time that this one can take, as with what is pushed. */
@Injectable()
export class MailOutbox {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /**
   * Writes mails for those of the bookings whose buyers left an address. Tickets are sent once; what happened before the
   * address was left is no news. It may be read only now: while nobody had left one, logs were left unread.
   *
   * The call that sets the address of a booked booking writes the tickets' mail as well, and neither writer sees the
   * other's uncommitted row. Both name the same occasion, so the unique key lets one of the two rows in.
   */
  async add(client: PoolClient, showId: number, news: readonly News[]): Promise<void> {
    await client.query(
      `insert into mail_message (show_id, mail_id, booking_id, kind, refund_id, occasion, address)
       select $1, n.id, n.booking_id, n.kind, n.refund_id, coalesce(n.refund_id, c.request_id)::text, c.email
       from unnest($2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::float8[]) as n (id, booking_id, kind, refund_id, at)
       join booking_contact c on c.show_id = $1 and c.booking_id = n.booking_id
       where case n.kind when 'booked' then not exists (
           select from mail_message m where m.show_id = $1 and m.booking_id = n.booking_id and m.kind = 'booked')
         else n.at >= ${toEpochMs('c.made_at')} end
       on conflict (show_id, booking_id, kind, occasion) do nothing`,
      [
        showId,
        news.map(createId),
        news.map(({ bookingId }) => bookingId),
        news.map(({ kind }) => kind),
        news.map(({ refundId }) => refundId),
        news.map(({ at }) => at),
      ],
    );
  }

  /**
   * Writes mails to those who had booked a show when it moved, and who had left an address by then.
   *
   * @param occasion names the move among the changes of the show
   * @param at when it moved, ms since 1970
   */
  async addMoved(client: PoolClient, showId: number, move: Move, occasion: string, at: number): Promise<void> {
    await client.query(
      `insert into mail_message (show_id, mail_id, booking_id, kind, move, occasion, address)
       select $1, gen_random_uuid(), b.booking_id, 'moved', $2::jsonb, $4, c.email
       from booking b join booking_contact c on c.show_id = b.show_id and c.booking_id = b.booking_id
       where b.show_id = $1 and b.status = 'booked' and ${toEpochMs('b.created_at')} <= $3 and ${toEpochMs('c.made_at')} <= $3
       on conflict (show_id, booking_id, kind, occasion) do nothing`,
      [showId, JSON.stringify(move), at, occasion],
    );
  }

  /** The tickets, to the address that the booking has now. A booking brings about so many mails and no more. */
  async addTickets(showId: number, bookingId: string): Promise<void> {
    await this.pool.query(
      `insert into mail_message (show_id, mail_id, booking_id, kind, occasion, address)
       select $1, $2, $3, 'booked', c.request_id::text, c.email from booking_contact c
       where c.show_id = $1 and c.booking_id = $3
         and (select count(*) from mail_message m where m.show_id = $1 and m.booking_id = $3) < $4
       on conflict (show_id, booking_id, kind, occasion) do nothing`,
      [showId, createId(), bookingId, mailsOfBookingMax],
    );
  }

  /** Claims mails that are due, the longest due first. @param claimMs how long */
  async claim(limit: number, claimMs: number): Promise<ClaimedMail[]> {
    const { rows } = await this.pool.query<ClaimedMail>({
      name: 'mail-claim',
      text: `with due as materialized (
          select show_id, mail_id from mail_message where status = 'pending' and due_at <= now()
          order by due_at limit $1 for update skip locked
        )
        update mail_message m set due_at = now() + $2 * interval '1 ms', attempts = m.attempts + 1 from due
        where m.show_id = due.show_id and m.mail_id = due.mail_id
        returning m.show_id as "showId", m.mail_id as "mailId", m.booking_id as "bookingId", m.kind, m.address,
          m.attempts, m.move, ${refund} as refund`,
      values: [limit, claimMs],
    });
    return rows;
  }

  /** It is handed over: the address is not needed any more. */
  async sent({ showId, mailId }: ClaimedMail): Promise<void> {
    await this.pool.query(
      `update mail_message set status = 'sent', sent_at = now(), address = null, last_error = null
       where show_id = $1 and mail_id = $2`,
      [showId, mailId],
    );
  }

  /** An attempt was in vain. @param retryMs when the next one is due; null: there is none */
  async failed({ showId, mailId, attempts }: ClaimedMail, error: string, retryMs: number | null): Promise<void> {
    await this.pool.query(
      `update mail_message set last_error = left($4, 64), due_at = now() + coalesce($5::int, 0) * interval '1 ms',
         status = case when $5::int is null then 'failed' else status end
       where show_id = $1 and mail_id = $2 and attempts = $3`,
      [showId, mailId, attempts, error, retryMs],
    );
  }

  /** Forgets the addresses of shows that are long over, and with them the mails. */
  async forgetOld(): Promise<void> {
    for (const table of ['booking_contact', 'mail_message']) {
      await this.pool.query(
        `delete from ${table} t using show where show.id = t.show_id and show.ends_at < now() - $1 * interval '1 day'`,
        [addressDaysMax],
      );
    }
  }

  /** Newest first. @param cursor the mail after which the page begins */
  async list(status: MailStatus | null, limit: number, cursor: string | null): Promise<Page<Mail>> {
    const { rows } = await this.pool.query<MailRow>(
      `select ${columns} from mail_message m
       where ($1::text is null or m.status = $1) and ($2::uuid is null or m.mail_id < $2)
       order by m.mail_id desc limit $3`,
      [status, cursor, limit + 1],
    );
    const items = rows.slice(0, limit).map(toMail);
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.mailId ?? null) : null };
  }

  /** One mail with what it is about; null: there is none. */
  async find(mailId: string): Promise<({ mail: Mail } & Pick<ClaimedMail, 'refund' | 'move'>) | null> {
    const { rows } = await this.pool.query<MailRow & Pick<ClaimedMail, 'refund' | 'move'>>(
      `select ${columns}, m.move, ${refund} as refund from mail_message m where m.mail_id = $1`,
      [mailId],
    );
    if (!rows[0]) return null;
    const { refund: about, move, ...row } = rows[0];
    return { mail: toMail(row), refund: about, move };
  }
}
