import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { BookingContact } from '@usher/contract';
import type { Pool, PoolClient } from 'pg';
import { DomainError } from '../common/domain-error.js';
import { Poller } from '../common/poller.js';
import { runInTransaction } from '../database/in-transaction.js';
import { PG_POOL } from '../database/pg-pool.js';
import { appendAuditEntry, type BookingCaller, once } from '../access/index.js';
import { BookingRepository, type ConsumedChange, LogConsumers, ownBooking, type TermsChanged } from '../shows/index.js';
import { MailLimits } from './mail-limits.service.js';
import type { Move } from './mail-message.entity.js';
import { type MailEvent, MailsRepository } from './mails.repository.js';

const deleteIntervalMs = 60 * 60 * 1000;

/** Stores the mail addresses of buyers, and inserts mails about the logged changes to their bookings. */
@Injectable()
export class BookingMailsService implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(BookingMailsService.name);
  private readonly cleanup = Poller.every(
    deleteIntervalMs,
    () => this.deleteOld(),
    (error) => this.logger.error({ err: error }, 'could not delete old addresses and mails; retrying in 1 h'),
  );

  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly mails: MailsRepository,
    private readonly limits: MailLimits,
    private readonly bookings: BookingRepository,
    private readonly logs: LogConsumers,
  ) {}

  onModuleInit(): void {
    this.logs.register({
      name: 'mail',
      types: ['booked', 'refunded', 'returned', 'termsChanged'],
      hasRecipients: async () => ((await this.pool.query('select from booking_contact limit 1')).rowCount ?? 0) > 0,
      consume: (client, showId, changes) => this.take(client, showId, changes),
    });
    this.cleanup.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.cleanup.stop();
  }

  /**
   * Sets or erases the mail address of a booking. If the booking has the status `booked`, its tickets are mailed at
   * once. A new address revokes the links that were mailed to the old address.
   *
   * Erasing the address also deletes the mails that are not sent yet. A mail that a node is just sending may still
   * arrive.
   *
   * @throws DomainError `NOT_FOUND`, `FORBIDDEN`, `UNAUTHENTICATED`, `BOOKING_STATE`, `RATE_LIMITED`
   */
  async setContact(caller: BookingCaller, bookingId: string, { email }: BookingContact): Promise<BookingContact> {
    const showId = await this.requireOwn(caller, bookingId);
    await runInTransaction(this.pool, (client) =>
      once(client, async () => {
        if (email !== null) await this.limits.count(client, caller, email);
        const changed = await this.writeContact(client, showId, bookingId, email);
        if (caller.by === 'staff' && changed) {
          // The trail must not contain the address, because its entries cannot be erased with the buyer's data.
          const subject = { kind: 'booking', id: bookingId } as const;
          await appendAuditEntry(client, {
            caller: caller.audit,
            action: 'booking.contact',
            showId,
            subject,
            ...changed,
          });
        }
        return null;
      }),
    );
    if (email === null) return { email };
    // The booking is read after the commit. So if it becomes booked at the same time, either this read sees that, or
    // the reader of the log sees the address.
    const after = await this.bookings.find(bookingId);
    if (after?.booking.status === 'booked') await this.mails.addTickets(showId, bookingId);
    return { email };
  }

  private async deleteOld(): Promise<void> {
    await this.mails.deleteOld();
    await this.limits.deleteOld();
  }

  private async requireOwn(caller: BookingCaller, bookingId: string): Promise<number> {
    const { showId, booking } = await ownBooking(this.bookings, caller, bookingId);
    if (booking.status !== 'reserved' && booking.status !== 'booked') {
      const detail = `The booking is ${booking.status}, so no more mails are sent about it.`;
      throw new DomainError('BOOKING_STATE', detail, { bookingStatus: booking.status });
    }
    return showId;
  }

  /**
   * Writes or erases the address. The same transaction revokes the links that were mailed to the old address, and
   * adapts the mails that are not sent yet.
   *
   * @returns the change, or null if the address was the same before
   */
  private async writeContact(
    client: PoolClient,
    showId: number,
    bookingId: string,
    email: string | null,
  ): Promise<ContactChange | null> {
    const bookingCondition = 'show_id = $1 and booking_id = $2';
    const key = [showId, bookingId];
    if (email !== null) {
      // The insert comes before the lock, so that two concurrent first addresses conflict on the key.
      const insert = `insert into booking_contact (show_id, booking_id, email) values ($1, $2, $3) on conflict do nothing`;
      if ((await client.query(insert, [...key, email])).rowCount === 1) return contactChange('none', 'set');
    }
    const { rows } = await client.query<{ email: string }>(
      `select email from booking_contact where ${bookingCondition} for update`,
      key,
    );
    if (rows[0] && rows[0].email !== email) {
      await this.bookings.revokeLinks(client, showId, bookingId);
      await this.mails.changeAddress(client, showId, bookingId, email);
    }
    if (email === null) {
      await client.query(`delete from booking_contact where ${bookingCondition}`, key);
      return rows[0] ? contactChange('set', 'none') : null;
    }
    await client.query(
      `insert into booking_contact (show_id, booking_id, email) values ($1, $2, $3)
       on conflict (show_id, booking_id) do update set email = excluded.email, request_id = gen_random_uuid()`,
      [...key, email],
    );
    return rows[0]?.email === email ? null : contactChange('set', 'replaced');
  }

  private async take(client: PoolClient, showId: number, changes: readonly ConsumedChange[]): Promise<void> {
    const { rows } = await client.query<{ calledOff: boolean }>(
      'select called_off as "calledOff" from show_ledger where show_id = $1',
      [showId],
    );
    const isCalledOff = rows[0]?.calledOff ?? false;
    for (const { at, change } of changes) {
      if (change.type !== 'termsChanged') continue;
      const move = moveOf(change);
      if (move) await this.mails.addMoved(client, showId, move, `terms ${change.termsVersion ?? at}`, at);
    }
    await this.mails.add(
      client,
      showId,
      changes.flatMap((change) => toMailEvents(change, isCalledOff)),
    );
  }
}

/** How a call changed the mail address of a booking, without the address itself. */
interface ContactChange {
  readonly before: { readonly mailAddress: 'none' | 'set' };
  readonly after: { readonly mailAddress: 'none' | 'set' | 'replaced' };
}

const contactChange = (
  before: ContactChange['before']['mailAddress'],
  after: ContactChange['after']['mailAddress'],
): ContactChange => ({ before: { mailAddress: before }, after: { mailAddress: after } });

function toMailEvents({ at, change }: ConsumedChange, isCalledOff: boolean): MailEvent[] {
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

/** Returns the move that a change of terms contains, or null if it does not move the show. */
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
