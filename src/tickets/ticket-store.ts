import { Inject, Injectable } from '@nestjs/common';
import type { TicketStatus } from '@usher/contract';
import type { Pool } from 'pg';
import { createId } from '../common/ids.js';
import { PG_POOL } from '../database/pg-pool.js';
import { toEpochMs } from '../database/sql-time.js';

/** A ticket as its row and its seat are now. */
export interface StoredTicket {
  readonly ticketId: string;
  readonly bookingId: string;
  readonly seat: number;
  readonly status: TicketStatus;
  /** Whether the bank of the buyer has taken the money back, or may have. */
  readonly isDisputed: boolean;
  /** Milliseconds since 1970. */
  readonly usedAt: number | null;
  readonly usedGate: string | null;
  readonly usedKey: string | null;
}

/** Who is let in, where, and under which idempotency key. */
export interface Admission {
  readonly showId: number;
  readonly ticketId: string;
  readonly gate: string;
  readonly key: string | null;
  /** When, by a gate's own clock; null: now. */
  readonly at: Date | null;
}

/** Whether the seat of ticket `t` is its booking's still: the lane frees it when it is given back, and nothing else does. */
const isSold = `exists (select from show_seat s where s.show_id = t.show_id and s.seat = t.seat
  and s.booking_id = t.booking_id and s.status = 2)`;

/**
 * Whether a refund of ticket `t` has begun. It is made within seconds, or never is: then the ticket lets in again by
 * itself, so that a node that dies in between takes nobody's ticket away.
 */
const isVoided = `coalesce(t.voided_at > now() - interval '30 seconds', false)`;

/** Whether the payment that paid for ticket `t` is disputed. A dispute that was won admits again. */
const isDisputed = `exists (select from booking b join payment p
    on p.show_id = b.show_id and p.payment_id = b.payment_id
  where b.show_id = t.show_id and b.booking_id = t.booking_id and p.disputes <> '{}'
    and jsonb_path_exists(p.disputes, '$.* ? (@ != "won")'))`;

const columns = `t.ticket_id as "ticketId", t.booking_id as "bookingId", t.seat, ${toEpochMs('t.used_at')} as "usedAt",
  t.used_gate as "usedGate", t.used_key as "usedKey",
  case when t.used_at is not null then 'used' when ${isSold} and not ${isVoided} and not ${isDisputed} then 'valid'
    else 'refunded' end as status,
  t.used_at is null and ${isDisputed} as "isDisputed"`;

/** Statements on tickets. A ticket's row is what a check-in and a refund contend for: the first to write it wins. */
@Injectable()
export class TicketStore {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  async find(showId: number, ticketId: string): Promise<StoredTicket | null> {
    const { rows } = await this.pool.query<StoredTicket>({
      name: 'ticket-find',
      // As bigint, because a caller may name a show beyond the range of the column. There is no such ticket then.
      text: `select ${columns} from ticket t where t.show_id = $1::bigint and t.ticket_id = $2`,
      values: [showId, ticketId],
    });
    return rows[0] ?? null;
  }

  /** The tickets of a booking by seat, made where they are missing. @param seats all that the booking ever had */
  async ofBooking(showId: number, bookingId: string, seats: readonly number[]): Promise<StoredTicket[]> {
    const known = await this.readBooking(showId, bookingId);
    if (seats.every((seat) => known.some((ticket) => ticket.seat === seat))) return known;
    await this.make(
      showId,
      seats.map((seat) => ({ bookingId, seat })),
    );
    return this.readBooking(showId, bookingId);
  }

  /** Every ticket of a show by seat, those of seats that were sold a moment ago too. */
  async ofShow(showId: number): Promise<StoredTicket[]> {
    const { rows: missing } = await this.pool.query<{ bookingId: string; seat: number }>(
      `select s.booking_id as "bookingId", s.seat from show_seat s
       where s.show_id = $1 and s.status = 2 and s.booking_id is not null and not exists (
         select from ticket t where t.show_id = $1 and t.booking_id = s.booking_id and t.seat = s.seat)`,
      [showId],
    );
    await this.make(showId, missing);
    const { rows } = await this.pool.query<StoredTicket>(
      `select ${columns} from ticket t where t.show_id = $1 order by t.seat, t.ticket_id`,
      [showId],
    );
    return rows;
  }

  /** Lets one in, if nobody was and the seat is still paid for. @returns when, in ms since 1970, or null */
  async admit({ showId, ticketId, gate, key, at }: Admission): Promise<number | null> {
    const { rows } = await this.pool.query<{ usedAt: number }>({
      name: 'ticket-admit',
      // Two gates at once: the second one waits for the first one's row, and finds it used.
      text: `update ticket t set used_at = least(coalesce($5, now()), now()), used_gate = $3, used_key = $4, voided_at = null
        where t.show_id = $1 and t.ticket_id = $2 and t.used_at is null and not ${isVoided} and ${isSold}
          and not ${isDisputed}
        returning ${toEpochMs('t.used_at')} as "usedAt"`,
      values: [showId, ticketId, gate, key, at],
    });
    return rows[0]?.usedAt ?? null;
  }

  /**
   * Before seats are refunded: their tickets let nobody in while that is decided.
   *
   * @param evenUsed whether those that nobody was let in by are voided where others were used
   * @returns seats of them that somebody was let in to; if there are any, and not `evenUsed`, nothing was done
   */
  async void(showId: number, bookingId: string, seats: readonly number[], evenUsed: boolean): Promise<number[]> {
    if (seats.length === 0) return [];
    await this.ofBooking(showId, bookingId, seats);
    const { rows } = await this.pool.query<{ used: number[] }>(
      `with mine as materialized (
         select ticket_id, seat, used_at from ticket
         where show_id = $1 and booking_id = $2 and seat = any ($3::int[]) order by seat for update
       ), voided as (
         update ticket t set voided_at = now() from mine
         where t.show_id = $1 and t.ticket_id = mine.ticket_id and mine.used_at is null
           and ($4 or not exists (select from mine where used_at is not null))
       )
       select coalesce(array_agg(seat) filter (where used_at is not null), '{}') as used from mine`,
      [showId, bookingId, seats, evenUsed],
    );
    return rows[0]?.used ?? [];
  }

  /** After a refund that was not made after all: the tickets let in again. */
  async unvoid(showId: number, bookingId: string, seats: readonly number[]): Promise<void> {
    await this.pool.query(
      'update ticket set voided_at = null where show_id = $1 and booking_id = $2 and seat = any ($3::int[])',
      [showId, bookingId, seats],
    );
  }

  private async readBooking(showId: number, bookingId: string): Promise<StoredTicket[]> {
    const { rows } = await this.pool.query<StoredTicket>({
      name: 'tickets-of-booking',
      text: `select ${columns} from ticket t where t.show_id = $1 and t.booking_id = $2 order by t.seat`,
      values: [showId, bookingId],
    });
    return rows;
  }

  private async make(showId: number, of: readonly { bookingId: string; seat: number }[]): Promise<void> {
    if (of.length === 0) return;
    await this.pool.query({
      name: 'tickets-make',
      text: `insert into ticket (show_id, ticket_id, booking_id, seat)
        select $1, * from unnest($2::uuid[], $3::uuid[], $4::int[])
        on conflict (show_id, booking_id, seat) do nothing`,
      values: [showId, of.map(createId), of.map(({ bookingId }) => bookingId), of.map(({ seat }) => seat)],
    });
  }
}
