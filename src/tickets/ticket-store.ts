import { Inject, Injectable } from '@nestjs/common';
import type { TicketStatus } from '@usher/contract';
import type { Pool } from 'pg';
import { type AuditCaller, auditExpressions, type AuditRecord, auditValues } from '../access/index.js';
import { createId } from '../common/ids.js';
import { PG_POOL } from '../database/pg-pool.js';
import { toEpochMs } from '../database/sql-time.js';

/** A ticket with the current state of its row and of its seat. */
export interface StoredTicket {
  readonly ticketId: string;
  readonly bookingId: string;
  readonly seat: number;
  readonly status: TicketStatus;
  /** Whether the buyer's bank has taken the payment back, or may still take it back. */
  readonly isDisputed: boolean;
  /** Milliseconds since 1970. */
  readonly usedAt: number | null;
  readonly usedGate: string | null;
  readonly usedKey: string | null;
}

/** One admission: the ticket, the gate and the idempotency key of the check-in. */
export interface Admission {
  readonly showId: number;
  readonly ticketId: string;
  readonly gate: string;
  readonly key: string | null;
  /** Time of the admission by the gate's own clock. Null means the current time. */
  readonly at: Date | null;
  /** The gate's key and address, for the audit trail. */
  readonly caller: AuditCaller;
}

/**
 * SQL condition: the seat of ticket `t` still belongs to the ticket's booking. Only the show's lane frees a seat, when
 * the buyer gives the seat back.
 */
const isSold = `exists (select from show_seat s where s.show_id = t.show_id and s.seat = t.seat
  and s.booking_id = t.booking_id and s.status = 2)`;

/**
 * SQL condition: a refund of ticket `t` began less than 30 s ago. A refund completes within seconds or not at all. If a node
 * dies during a refund, the ticket becomes valid again by itself after 30 s, so no buyer loses a paid ticket.
 */
const isVoided = `coalesce(t.voided_at > now() - interval '30 seconds', false)`;

/** SQL condition: the payment for ticket `t` is disputed. A ticket is valid again after a dispute that the seller won. */
const isDisputed = `exists (select from booking b join payment p
    on p.show_id = b.show_id and p.payment_id = b.payment_id
  where b.show_id = t.show_id and b.booking_id = t.booking_id and p.disputes <> '{}'
    and jsonb_path_exists(p.disputes, '$.* ? (@ != "won")'))`;

const columns = `t.ticket_id as "ticketId", t.booking_id as "bookingId", t.seat, ${toEpochMs('t.used_at')} as "usedAt",
  t.used_gate as "usedGate", t.used_key as "usedKey",
  case when t.used_at is not null then 'used' when ${isSold} and not ${isVoided} and not ${isDisputed} then 'valid'
    else 'refunded' end as status,
  t.used_at is null and ${isDisputed} as "isDisputed"`;

/**
 * Reads and writes the `ticket` table. A check-in and a refund of the same ticket compete for the ticket's row, and the
 * first one to write the row wins.
 */
@Injectable()
export class TicketStore {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  async find(showId: number, ticketId: string): Promise<StoredTicket | null> {
    const { rows } = await this.pool.query<StoredTicket>({
      name: 'ticket-find',
      // The cast to bigint allows a number beyond the range of the column. Such a number matches no ticket.
      text: `select ${columns} from ticket t where t.show_id = $1::bigint and t.ticket_id = $2`,
      values: [showId, ticketId],
    });
    return rows[0] ?? null;
  }

  /**
   * Returns the tickets of a booking in the order of their seats. Missing tickets are inserted first.
   *
   * @param seats all seats that the booking ever had
   */
  async listForBooking(showId: number, bookingId: string, seats: readonly number[]): Promise<StoredTicket[]> {
    const existing = await this.readBooking(showId, bookingId);
    if (seats.every((seat) => existing.some((ticket) => ticket.seat === seat))) return existing;
    await this.insert(
      showId,
      seats.map((seat) => ({ bookingId, seat })),
    );
    return this.readBooking(showId, bookingId);
  }

  /** Returns all tickets of a show in the order of their seats. Missing tickets of sold seats are inserted first. */
  async listForShow(showId: number): Promise<StoredTicket[]> {
    const { rows: missing } = await this.pool.query<{ bookingId: string; seat: number }>(
      `select s.booking_id as "bookingId", s.seat from show_seat s
       where s.show_id = $1 and s.status = 2 and s.booking_id is not null and not exists (
         select from ticket t where t.show_id = $1 and t.booking_id = s.booking_id and t.seat = s.seat)`,
      [showId],
    );
    await this.insert(showId, missing);
    const { rows } = await this.pool.query<StoredTicket>(
      `select ${columns} from ticket t where t.show_id = $1 order by t.seat, t.ticket_id`,
      [showId],
    );
    return rows;
  }

  /**
   * Admits a person if the ticket is unused and its seat is still paid for. The same statement records the admission in
   * the audit trail, because a transaction of several statements would make a check-in slower.
   *
   * @returns the time of the admission in ms since 1970, or null if the ticket does not admit
   */
  async admit({ showId, ticketId, gate, key, at, caller }: Admission): Promise<number | null> {
    const record: AuditRecord = {
      caller,
      action: 'ticket.check-in',
      showId,
      subject: { kind: 'ticket', id: ticketId },
      before: { status: 'valid' },
      after: { status: 'used', gate, ...(at && { admittedAt: at.toISOString() }) },
    };
    const { rows } = await this.pool.query<{ usedAt: number }>({
      name: 'ticket-admit',
      // If two gates check in the same ticket at once, the second statement waits for the first one to release the row.
      // Then the second statement finds that the ticket is used.
      text: `with admitted as (
          update ticket t set used_at = least(coalesce($5, now()), now()), used_gate = $3, used_key = $4, voided_at = null
          where t.show_id = $1 and t.ticket_id = $2 and t.used_at is null and not ${isVoided} and ${isSold}
            and not ${isDisputed}
          returning ${toEpochMs('t.used_at')} as used_at
        ), ${auditExpressions(6, 'from admitted')}
        select used_at as "usedAt" from admitted`,
      values: [showId, ticketId, gate, key, at, ...auditValues(record)],
    });
    return rows[0]?.usedAt ?? null;
  }

  /**
   * Voids the unused tickets of seats before a refund, so that no gate admits a person while the refund is decided.
   *
   * @param isUsedAllowed whether to void the unused tickets even if other tickets of these seats were used
   * @returns the seats whose tickets were used; if there are any and `isUsedAllowed` is false, no ticket was voided
   */
  async voidUnused(
    showId: number,
    bookingId: string,
    seats: readonly number[],
    isUsedAllowed: boolean,
  ): Promise<number[]> {
    if (seats.length === 0) return [];
    await this.listForBooking(showId, bookingId, seats);
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
      [showId, bookingId, seats, isUsedAllowed],
    );
    return rows[0]?.used ?? [];
  }

  /** Makes voided tickets valid again if the refund was not made. */
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

  private async insert(showId: number, seats: readonly { bookingId: string; seat: number }[]): Promise<void> {
    if (seats.length === 0) return;
    await this.pool.query({
      name: 'tickets-make',
      text: `insert into ticket (show_id, ticket_id, booking_id, seat)
        select $1, * from unnest($2::uuid[], $3::uuid[], $4::int[])
        on conflict (show_id, booking_id, seat) do nothing`,
      values: [showId, seats.map(createId), seats.map(({ bookingId }) => bookingId), seats.map(({ seat }) => seat)],
    });
  }
}
