import { randomBytes } from 'node:crypto';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { SessionErased } from '@usher/contract';
import type { Pool } from 'pg';
import { BoundedCalls } from '../common/bounded-calls.js';
import { DomainError, toDomainError } from '../common/domain-error.js';
import { Poller } from '../common/poller.js';
import { PG_POOL } from '../database/pg-pool.js';
import { PostgresOutboxStore } from '../database/outbox/outbox-store.js';
import type { OutboxTable } from '../database/outbox/outbox-table.js';
import { ChallengePasses, SessionAccessCodes, SessionRisk } from '../admission/index.js';
import { IdempotencyKeys, SessionTokens } from '../access/index.js';
import { SessionMails } from '../mail/index.js';
import { PaymentCanceller, SessionPayments } from '../payments/index.js';
import { SessionPushes } from '../push/index.js';
import { RealtimeGateway } from '../realtime/index.js';
import { type ErasedBooking, paymentIsRunning, pseudonymOf, SessionRecords, ShowsService } from '../shows/index.js';
import { sessionDataBounds } from './session-data-bounds.js';

/** An erasure that this node carries out. */
interface Erasure {
  readonly sessionId: string;
  readonly pseudonym: string;
  readonly attempts: number;
}

const erasureTable: OutboxTable<Erasure> = {
  name: 'session_erasure',
  key: { session_id: 'sessionId' },
  columns: 't.session_id as "sessionId", t.pseudonym',
  isPending: 'true',
  whenDone: 'delete',
  whenAbandoned: 'delete',
  resultColumn: null,
  canBeReplayed: false,
  receiver: null,
};

/** Longer than an erasure takes, even in a show with a million log entries. */
const leaseMs = 60_000;

/** Interval at which a node looks for erasures that another node did not finish. */
const pollIntervalMs = 30_000;

/**
 * Erases everything that is stored about a session. The erasure is recorded before it begins, and each of its steps can
 * be repeated. So if the node dies, a repeated call or another node finishes the erasure.
 */
@Injectable()
export class SessionEraser implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(SessionEraser.name);
  private readonly calls = new BoundedCalls(sessionDataBounds);
  private readonly unfinished: PostgresOutboxStore<Erasure>;
  private readonly poller = Poller.every(
    pollIntervalMs,
    () => this.finishInterrupted(),
    (error) => this.logger.error({ err: error }, 'could not finish an interrupted erasure; retrying in 30 s'),
  );

  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly tokens: SessionTokens,
    private readonly shows: ShowsService,
    private readonly records: SessionRecords,
    private readonly accessCodes: SessionAccessCodes,
    private readonly mails: SessionMails,
    private readonly payments: SessionPayments,
    private readonly canceller: PaymentCanceller,
    private readonly pushes: SessionPushes,
    private readonly keys: IdempotencyKeys,
    private readonly challenges: ChallengePasses,
    private readonly risk: SessionRisk,
    private readonly realtime: RealtimeGateway,
  ) {
    this.unfinished = new PostgresOutboxStore(pool, erasureTable);
  }

  onApplicationBootstrap(): void {
    this.poller.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.poller.stop();
  }

  /**
   * Erases the data of a session. First cancels its payments whose card was declined or whose hold has ended.
   *
   * @throws DomainError `BOOKING_STATE` while a payment of the session may take money; `BUSY`
   */
  async erase(sessionId: string): Promise<SessionErased> {
    return this.calls.run(async () => {
      const bookings = await this.records.bookings([sessionId]);
      for (const [showId, bookingIds] of idsByShow(bookings)) await this.canceller.cancelUnwanted(showId, bookingIds);
      await this.requireNoOpenPayment(bookings);
      const keptBookings = await this.carryOut(await this.record(sessionId));
      return { session: this.tokens.issue(), keptBookings };
    });
  }

  /** Records the erasure. A repeated call continues with the pseudonym of the first one. */
  private async record(sessionId: string): Promise<Erasure> {
    const pseudonym = pseudonymOf(randomBytes(32).toString('hex'), sessionId);
    const { rows } = await this.pool.query<Erasure>(
      `insert into session_erasure (session_id, pseudonym, due_at, attempts)
       values ($1, $2, now() + $3 * interval '1 ms', 1)
       on conflict (session_id) do update set due_at = excluded.due_at, attempts = session_erasure.attempts + 1
       returning session_id as "sessionId", pseudonym, attempts`,
      [sessionId, pseudonym, leaseMs],
    );
    return rows[0]!;
  }

  /** Carries out an erasure, and forgets it at the end. @returns the paid bookings, which stay */
  private async carryOut(erasure: Erasure): Promise<string[]> {
    const { sessionId, pseudonym } = erasure;
    const ids = [sessionId, pseudonym];
    const bookings = await this.records.bookings(ids);
    await this.requireNoOpenPayment(bookings);
    // The codes come first, so that the session cannot use them for seats after its paid bookings were given away.
    const codesErasedAt = await this.accessCodes.erase(sessionId);
    for (const { showId, since } of await this.records.shows(ids)) {
      const outcome = await this.shows.submit(showId, { type: 'eraseSession', sessionId, pseudonym, codesErasedAt });
      if (outcome.type === 'refused') throw toDomainError(outcome.error);
      const bookingIds = bookings.filter((one) => one.showId === showId).map(({ bookingId }) => bookingId);
      await this.mails.erase(showId, bookingIds);
      await this.payments.replace({ showId, bookingIds }, erasure);
      await this.records.replace(showId, erasure, { since, lastSeq: outcome.lastSeq });
    }
    await this.pushes.erase(sessionId);
    await this.keys.erase(
      sessionId,
      bookings.map(({ bookingId }) => bookingId),
    );
    await this.challenges.erase(sessionId);
    await this.risk.erase(sessionId);
    // The sockets are closed last, because a client that reconnects earlier would enter its shows again.
    this.realtime.disconnectSession(sessionId);
    await this.unfinished.apply(erasure, { type: 'done', result: null });
    return bookings.filter(({ isPaid }) => isPaid).map(({ bookingId }) => bookingId);
  }

  private async requireNoOpenPayment(bookings: readonly ErasedBooking[]): Promise<void> {
    for (const [showId, bookingIds] of idsByShow(bookings)) {
      if (!(await this.payments.mayTakeMoney({ showId, bookingIds }))) continue;
      throw new DomainError('BOOKING_STATE', paymentIsRunning, { bookingStatus: 'reserved' });
    }
  }

  private async finishInterrupted(): Promise<void> {
    for (;;) {
      const [erasure] = await this.unfinished.claim(1, leaseMs, []);
      if (!erasure) return;
      await this.calls.run(() => this.carryOut(erasure));
    }
  }
}

function idsByShow(bookings: readonly ErasedBooking[]): [showId: number, bookingIds: string[]][] {
  const byShow = Map.groupBy(bookings, (booking) => booking.showId);
  return [...byShow].map(([showId, ofShow]) => [showId, ofShow.map(({ bookingId }) => bookingId)]);
}
