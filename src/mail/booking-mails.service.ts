import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { BookingContact } from '@usher/contract';
import type { Pool, PoolClient } from 'pg';
import { DomainError } from '../common/domain-error.js';
import { Poller } from '../common/poller.js';
import { runInTransaction } from '../database/in-transaction.js';
import { PG_POOL } from '../database/pg-pool.js';
import { type BookingCaller, once } from '../access/index.js';
import { type FollowedChange, LogFollowers, ownBooking, BookingRepository, type TermsChanged } from '../shows/index.js';
import type { Move } from './mail-message.entity.js';
import { MailOutbox, type News } from './mail-outbox.js';

const sweepEveryMs = 60 * 60 * 1000;

/** Who is mailed what: buyers leave an address, and what the log says of their bookings is written to them. */
@Injectable()
export class BookingMailsService implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(BookingMailsService.name);
  private readonly sweeps = new Poller(
    async () => {
      await this.outbox.forgetOld();
      return sweepEveryMs;
    },
    (error) => this.logger.error({ err: error }, 'old addresses could not be forgotten'),
    sweepEveryMs,
  );

  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly outbox: MailOutbox,
    private readonly bookings: BookingRepository,
    private readonly logs: LogFollowers,
  ) {}

  onModuleInit(): void {
    this.logs.follow({
      name: 'mail',
      types: ['booked', 'refunded', 'returned', 'termsChanged'],
      isWanted: async () => ((await this.pool.query('select from booking_contact limit 1')).rowCount ?? 0) > 0,
      take: (client, showId, changes) => this.take(client, showId, changes),
    });
    this.sweeps.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.sweeps.stop();
  }

  /**
   * Sets where the tickets and news of a booking are mailed to. If the booking is booked already, its tickets are mailed
   * now. A change of the address revokes the links that went to the old one.
   *
   * @throws DomainError `NOT_FOUND`, `FORBIDDEN`, `UNAUTHENTICATED`, `BOOKING_STATE`
   */
  async setContact(caller: BookingCaller, bookingId: string, { email }: BookingContact): Promise<BookingContact> {
    const showId = await this.requireOwn(caller, bookingId);
    await runInTransaction(this.pool, (client) =>
      once(client, async () => {
        await writeContact(client, this.bookings, showId, bookingId, email);
        return null;
      }),
    );
    if (email === null) return { email };
    // Read after the address was written: whoever books in between finds the address or is found here.
    const after = await this.bookings.find(bookingId);
    if (after?.booking.status === 'booked') await this.outbox.addTickets(showId, bookingId);
    return { email };
  }

  private async requireOwn(caller: BookingCaller, bookingId: string): Promise<number> {
    const { showId, booking } = await ownBooking(this.bookings, caller, bookingId);
    if (booking.status !== 'reserved' && booking.status !== 'booked') {
      const detail = `The booking is ${booking.status}: there is nothing to tell of it any more.`;
      throw new DomainError('BOOKING_STATE', detail, { bookingStatus: booking.status });
    }
    return showId;
  }

  private async take(client: PoolClient, showId: number, changes: readonly FollowedChange[]): Promise<void> {
    const { rows } = await client.query<{ calledOff: boolean }>(
      'select called_off as "calledOff" from show_ledger where show_id = $1',
      [showId],
    );
    const isCalledOff = rows[0]?.calledOff ?? false;
    for (const { at, change } of changes) {
      if (change.type !== 'termsChanged') continue;
      const move = moveOf(change);
      if (move) await this.outbox.addMoved(client, showId, move, `terms ${change.termsVersion ?? at}`, at);
    }
    await this.outbox.add(
      client,
      showId,
      changes.flatMap((change) => newsOf(change, isCalledOff)),
    );
  }
}

/** Writes or erases the address; the links that went to another address are revoked with the same commit. */
async function writeContact(
  client: PoolClient,
  bookings: BookingRepository,
  showId: number,
  bookingId: string,
  email: string | null,
) {
  const booking = 'show_id = $1 and booking_id = $2';
  const key = [showId, bookingId];
  if (email !== null) {
    // Before the row is locked, so that of two first addresses one finds the other.
    const insert = `insert into booking_contact (show_id, booking_id, email) values ($1, $2, $3) on conflict do nothing`;
    if ((await client.query(insert, [...key, email])).rowCount === 1) return;
  }
  const { rows } = await client.query<{ email: string }>(
    `select email from booking_contact where ${booking} for update`,
    key,
  );
  if (rows[0] && rows[0].email !== email) await bookings.revokeLinks(showId, bookingId, client);
  if (email === null) {
    await client.query(`delete from booking_contact where ${booking}`, key);
    return;
  }
  await client.query(
    `insert into booking_contact (show_id, booking_id, email) values ($1, $2, $3)
     on conflict (show_id, booking_id) do update set email = excluded.email, request_id = gen_random_uuid()`,
    [...key, email],
  );
}

function newsOf({ at, change }: FollowedChange, isCalledOff: boolean): News[] {
  switch (change.type) {
    case 'booked':
      return [{ bookingId: change.booking.bookingId, kind: 'booked', refundId: null, at }];
    case 'refunded':
    case 'returned': {
      const { bookingId, refundId } = change.refund;
      const kind = isCalledOff ? 'calledOff' : change.type;
      return [{ bookingId, kind, refundId, at }];
    }
    default:
      return [];
  }
}

/** From what to what a change of terms moved the show; null: it did not. */
function moveOf({ terms, before = {}, reason = null }: TermsChanged): Move | null {
  const { startsAt, hallId, movieId } = terms;
  if (startsAt === undefined || hallId === undefined || movieId === undefined) return null;
  const to = { startsAt, hallId, movieId };
  const from = {
    startsAt: before.startsAt ?? startsAt,
    hallId: before.hallId ?? hallId,
    movieId: before.movieId ?? movieId,
  };
  const isMoved = from.startsAt !== startsAt || from.hallId !== hallId || from.movieId !== movieId;
  return isMoved ? { from, to, reason } : null;
}
