import { Inject, Injectable } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';
import { type KeyScope, scopeCondition } from '../../access/index.js';
import { PG_POOL } from '../../database/pg-pool.js';
import { toEpochMs } from '../../database/sql-time.js';
import type { BookingRecord } from '../core/model/booking-record.js';
import { type BookingRow, toBookingRecord } from './booking-row.js';
import { bookingColumns } from './sql-fragments.js';
import { withTimeout } from './statement.js';

/** A booking and the id of its show. */
export interface StoredBooking {
  readonly showId: number;
  readonly booking: BookingRecord;
}

type StoredBookingRow = BookingRow & { readonly showId: number };

/** The shows with bookings that must end now, and the time at which the next hold expires. */
export interface DueShows {
  /** The database's clock in ms since 1970. */
  readonly now: number;
  readonly shows: number[];
  /** When the next hold expires, in ms since 1970. Null if no hold is running. */
  readonly next: number | null;
}

/** `$1` booking. Booking ids are unique across shows, and the index finds an id without its show. */
const findBooking = {
  name: 'booking-find',
  text: `select show_id as "showId", ${bookingColumns} from booking where booking_id = $1`,
};

/** `$1` show, `$2` session, `$3` the last booking of the previous page or null, `$4` maximum number of rows. */
const bookingsOfSession = {
  name: 'bookings-of-session',
  text: `select show_id as "showId", ${bookingColumns} from booking
    where show_id = $1 and session_id = $2 and ($3::uuid is null or booking_id < $3) order by booking_id desc limit $4`,
};

/**
 * `$1` last eight digits of the booking's id, `$2` show or null for all shows, `$3` the last booking of the previous
 * page or null, `$4` maximum number of rows, `$5` show and `$6` cinemas of the scope. The condition on the payment equals the condition of the index
 * `booking_by_code`.
 */
const bookingsOfCode = {
  name: 'bookings-of-code',
  text: `select show_id as "showId", ${bookingColumns} from booking
    where right(booking_id::text, 8) = $1 and (payment_id is not null or status in ('booked', 'refunded'))
      and ($2::int is null or show_id = $2) and ($3::uuid is null or booking_id < $3)
      and ${scopeCondition('booking.show_id', { showId: '$5::int', cinemaIds: '$6::int[]' })}
    order by booking_id desc limit $4`,
};

/** `$1` show, `$2` booking. */
const linkRevision = {
  name: 'booking-link-revision',
  text: `select coalesce(
    (select revision from booking_link where show_id = $1 and booking_id = $2), 0) as revision`,
};

/** `$1` show, `$2` booking. */
const revokeLinks = {
  name: 'booking-links-revoke',
  text: `insert into booking_link as l (show_id, booking_id, revision) values ($1, $2, 1)
    on conflict (show_id, booking_id) do update set revision = l.revision + 1 returning revision`,
};

/** Finds shows with expired holds, and called-off shows that still have sold seats. */
const dueShows = {
  name: 'shows-due',
  text: `select ${toEpochMs('now()')} as now,
    (select coalesce(array_agg(distinct show_id), '{}') from (
       (select show_id from booking where status = 'reserved' and expires_at <= now() order by expires_at limit 20000)
       union all select show_id from show_ledger where called_off and sold > 0) d
    ) as shows,
    (select ${toEpochMs('min(expires_at)')} from booking where status = 'reserved' and expires_at > now()) as next`,
};

/** Reads bookings, and the revisions of their mailed links. Only the lane of a show writes its bookings. */
@Injectable()
export class BookingRepository {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /** Returns a booking with any status, or null if the id is unknown. */
  async find(bookingId: string): Promise<StoredBooking | null> {
    const { rows } = await this.pool.query<StoredBookingRow>(withTimeout({ ...findBooking, values: [bookingId] }));
    return rows[0] ? toStoredBooking(rows[0]) : null;
  }

  /**
   * Returns one page of a session's bookings of a show, newest first.
   *
   * @param before the last booking of the previous page; null for the first page
   */
  async ofSession(showId: number, sessionId: string, before: string | null, limit: number): Promise<StoredBooking[]> {
    const values = [showId, sessionId, before, limit];
    const { rows } = await this.pool.query<StoredBookingRow>(withTimeout({ ...bookingsOfSession, values }));
    return rows.map(toStoredBooking);
  }

  /**
   * Returns one page of the bookings of a scope whose id ends with the given digits, newest first. The page leaves out holds that
   * no buyer has begun to pay.
   *
   * @param showId null for all shows
   * @param before the last booking of the previous page; null for the first page
   */
  async ofCode(
    idEnding: string,
    showId: number | null,
    before: string | null,
    limit: number,
    scope: KeyScope,
  ): Promise<StoredBooking[]> {
    const values = [idEnding, showId, before, limit, scope.showId, scope.cinemaIds];
    const { rows } = await this.pool.query<StoredBookingRow>(withTimeout({ ...bookingsOfCode, values }));
    return rows.map(toStoredBooking);
  }

  /** Returns the revision that valid links of a booking have. */
  async linkRevision(showId: number, bookingId: string): Promise<number> {
    const { rows } = await this.pool.query<{ revision: number }>({ ...linkRevision, values: [showId, bookingId] });
    return rows[0]?.revision ?? 0;
  }

  /**
   * Revokes all existing links to a booking.
   *
   * @param client a connection whose open transaction includes the revocation
   * @returns the revision that valid links have from now on
   */
  async revokeLinks(client: PoolClient, showId: number, bookingId: string): Promise<number> {
    const { rows } = await client.query<{ revision: number }>({ ...revokeLinks, values: [showId, bookingId] });
    return rows[0]!.revision;
  }

  /** Finds shows with expired holds, and called-off shows with sold seats. */
  async dueShows(): Promise<DueShows> {
    const { rows } = await this.pool.query<DueShows>(withTimeout(dueShows));
    return rows[0]!;
  }
}

const toStoredBooking = ({ showId, ...row }: StoredBookingRow): StoredBooking => ({
  showId,
  booking: toBookingRecord(row),
});
