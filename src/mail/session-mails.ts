import { Inject, Injectable } from '@nestjs/common';
import type { SessionDataBooking, SessionDataMail } from '@usher/contract';
import type { Pool } from 'pg';
import { PG_POOL } from '../database/pg-pool.js';
import { toIso, toIsoOrNull, toEpochMs } from '../database/sql-time.js';

type BookingKey = Readonly<Pick<SessionDataBooking, 'showId' | 'bookingId'>>;

/** Reads and erases the mail addresses of a session's bookings, and the mails about these bookings. */
@Injectable()
export class SessionMails {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /**
   * Deletes the addresses of bookings, and the mails to them that were not sent. Mails that were sent stay, because
   * they contain no address. A mail that a node is just sending may still arrive.
   */
  async erase(showId: number, bookingIds: readonly string[]): Promise<void> {
    const values = [showId, bookingIds];
    const { rows } = await this.pool.query<{ bookingId: string }>(
      'select booking_id as "bookingId" from booking_contact where show_id = $1 and booking_id = any ($2::uuid[])',
      values,
    );
    // One statement per booking, so that it waits for at most one other transaction and cannot deadlock. A transaction
    // that inserts mails to the address locks the address first, so the mails are visible once the address is deleted.
    for (const { bookingId } of rows) {
      await this.pool.query('delete from booking_contact where show_id = $1 and booking_id = $2', [showId, bookingId]);
    }
    await this.pool.query(
      'delete from mail_message where show_id = $1 and booking_id = any ($2::uuid[]) and address is not null',
      values,
    );
  }

  /** Returns the mail addresses of bookings, by booking id. */
  async addresses(bookings: readonly BookingKey[]): Promise<Map<string, string>> {
    const { rows } = await this.pool.query<{ bookingId: string; email: string }>(
      `select c.booking_id as "bookingId", c.email from booking_contact c
       join unnest($1::int[], $2::uuid[]) as b (show_id, booking_id) using (show_id, booking_id)`,
      columnsOf(bookings),
    );
    return new Map(rows.map(({ bookingId, email }) => [bookingId, email]));
  }

  /** Returns the mails about bookings, newest first. */
  async export(bookings: readonly BookingKey[], limit: number): Promise<SessionDataMail[]> {
    const { rows } = await this.pool.query<
      Omit<SessionDataMail, 'createdAt' | 'sentAt'> & { created: number; sent: number | null }
    >(
      `select m.booking_id as "bookingId", m.kind, m.status, m.address as to, ${toEpochMs('m.created_at')} as created,
         ${toEpochMs('m.sent_at')} as sent
       from mail_message m join unnest($1::int[], $2::uuid[]) as b (show_id, booking_id) using (show_id, booking_id)
       order by m.created_at desc limit $3`,
      [...columnsOf(bookings), limit],
    );
    return rows.map(({ created, sent, ...row }) => ({ ...row, createdAt: toIso(created), sentAt: toIsoOrNull(sent) }));
  }
}

const columnsOf = (bookings: readonly BookingKey[]): [number[], string[]] => [
  bookings.map(({ showId }) => showId),
  bookings.map(({ bookingId }) => bookingId),
];
