import { Inject, Injectable } from '@nestjs/common';
import type { SessionDataBooking, SessionDataKey, SessionDataPayment } from '@usher/contract';
import type { Pool } from 'pg';
import { PG_POOL } from '../database/pg-pool.js';
import { toIso, toEpochMs } from '../database/sql-time.js';
import { replaceSessions } from '../shows/index.js';

/** The bookings of one show. */
interface BookingsOfShow {
  readonly showId: number;
  readonly bookingIds: readonly string[];
}

type ExportedBooking = Readonly<Pick<SessionDataBooking, 'showId' | 'bookingId'>>;

/** Reads the payments of a session, and replaces the session by a pseudonym. The sums and the provider's ids stay. */
@Injectable()
export class SessionPayments {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /** Returns true if one of the bookings has a payment that may still take money. */
  async mayTakeMoney({ showId, bookingIds }: BookingsOfShow): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      // A payment that has booked its seats took its money, even if its row does not say so yet.
      `select from payment p join booking b using (show_id, booking_id)
       where show_id = $1 and booking_id = any ($2::uuid[]) and p.due_at is not null
         and p.status in ('pending', 'declined') and not (b.status = 'booked' and b.payment_id = p.payment_id) limit 1`,
      [showId, bookingIds],
    );
    return (rowCount ?? 0) > 0;
  }

  /**
   * Replaces a session by its pseudonym, and deletes its idempotency keys and the addresses at which its pay pages
   * ended. The keys are useless from then on, because only the session could repeat its calls.
   */
  async replace(
    { showId, bookingIds }: BookingsOfShow,
    { sessionId, pseudonym }: { readonly sessionId: string; readonly pseudonym: string },
  ): Promise<void> {
    await this.pool.query(
      `with replaced as (
         update payment set session_id = $4::uuid, key = null,
           return_url = null, redirect_url = null, qr_code = null
         where show_id = $1 and booking_id = any ($2::uuid[]) and session_id = $3::uuid returning payment_id
       )
       update sandbox_payment set return_url = null
       where show_id = $1 and payment_id in (select payment_id from replaced)`,
      [showId, bookingIds, sessionId, pseudonym],
    );
  }

  /** Replaces the sessions of all payments of a past show by pseudonyms, and deletes their idempotency keys. */
  async anonymize(showId: number, salt: string): Promise<void> {
    await this.pool.query('update sandbox_payment set return_url = null where show_id = $1', [showId]);
    const assignments = ['return_url = null', 'redirect_url = null', 'qr_code = null'];
    await replaceSessions(this.pool, showId, salt, { name: 'payment', keyColumns: ['key'], assignments });
  }

  /** Returns the idempotency keys of the payments of bookings, newest first. */
  async exportKeys(bookings: readonly ExportedBooking[], limit: number): Promise<SessionDataKey[]> {
    const { rows } = await this.pool.query<{ key: string; showId: number; at: number }>(
      `select p.key, p.show_id as "showId", ${toEpochMs('p.made_at')} as at
       from payment p join unnest($1::int[], $2::uuid[]) as b (show_id, booking_id) using (show_id, booking_id)
       where p.key is not null order by p.made_at desc limit $3`,
      [...columnsOf(bookings), limit],
    );
    return rows.map(({ at, ...row }) => ({ ...row, call: 'payment', createdAt: toIso(at) }));
  }

  /** Returns the payments of bookings, newest first. */
  async export(bookings: readonly ExportedBooking[], limit: number): Promise<SessionDataPayment[]> {
    const { rows } = await this.pool.query<
      Omit<SessionDataPayment, 'price' | 'refunded' | 'createdAt'> & {
        amount: number;
        currency: string;
        refunded: number;
        at: number;
      }
    >(
      `select p.payment_id as "paymentId", p.booking_id as "bookingId", p.provider, p.status, p.amount::float8 as amount,
         p.currency, p.return_url as "returnUrl", ${toEpochMs('p.made_at')} as at,
         (select coalesce(sum(r.amount), 0) from refund r
          where r.show_id = p.show_id and r.payment_id = p.payment_id)::float8 as refunded
       from payment p join unnest($1::int[], $2::uuid[]) as b (show_id, booking_id) using (show_id, booking_id)
       order by p.payment_id desc limit $3`,
      [...columnsOf(bookings), limit],
    );
    return rows.map(({ amount, refunded, currency, at, ...row }) => ({
      ...row,
      price: { amount, currency },
      refunded: { amount: refunded, currency },
      createdAt: toIso(at),
    }));
  }
}

const columnsOf = (bookings: readonly ExportedBooking[]): [number[], string[]] => [
  bookings.map(({ showId }) => showId),
  bookings.map(({ bookingId }) => bookingId),
];
