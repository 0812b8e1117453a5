import { Inject, Injectable } from '@nestjs/common';
import type { SessionDataBooking, SessionDataTicket } from '@usher/contract';
import type { Pool } from 'pg';
import { PG_POOL } from '../database/pg-pool.js';
import { toIsoOrNull, toEpochMs } from '../database/sql-time.js';

type BookingKey = Readonly<Pick<SessionDataBooking, 'showId' | 'bookingId'>>;

/**
 * Reads the tickets of a session's bookings. An erasure deletes nothing in them, because gates choose the keys of their
 * check-ins.
 */
@Injectable()
export class SessionTickets {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /** Deletes the idempotency keys with which gates checked in the tickets of a past show. */
  async anonymize(showId: number): Promise<void> {
    await this.pool.query('update ticket set used_key = null where show_id = $1 and used_key is not null', [showId]);
  }

  /** Returns the tickets of bookings, newest first. */
  async export(bookings: readonly BookingKey[], limit: number): Promise<SessionDataTicket[]> {
    const { rows } = await this.pool.query<Omit<SessionDataTicket, 'usedAt'> & { used: number | null }>(
      `select t.ticket_id as "ticketId", t.booking_id as "bookingId", t.seat, t.used_gate as "usedGate",
         ${toEpochMs('t.used_at')} as used
       from ticket t join unnest($1::int[], $2::uuid[]) as b (show_id, booking_id) using (show_id, booking_id)
       order by t.ticket_id desc limit $3`,
      [bookings.map(({ showId }) => showId), bookings.map(({ bookingId }) => bookingId), limit],
    );
    return rows.map(({ used, ...row }) => ({ ...row, usedAt: toIsoOrNull(used) }));
  }
}
