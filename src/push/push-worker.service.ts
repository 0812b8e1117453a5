import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Pool } from 'pg';
import { Poller } from '../common/poller.js';
import type { Outcome } from '../database/outbox/outcome.js';
import { PostgresOutboxStore } from '../database/outbox/outbox-store.js';
import type { OutboxTable } from '../database/outbox/outbox-table.js';
import { OutboxWorker } from '../database/outbox/outbox-worker.js';
import type { RetryPolicy } from '../database/outbox/retry-policy.js';
import { PG_POOL } from '../database/pg-pool.js';
import { toEpochMs } from '../database/sql-time.js';
import { type ClaimedMessage, PushClient } from './push-client.js';
import { PushSubscriptions } from './push-subscriptions.js';

const messageTable: OutboxTable<ClaimedMessage> = {
  name: 'push_message',
  key: { show_id: 'showId', message_id: 'messageId' },
  columns: `t.show_id as "showId", t.message_id as "messageId", t.type, t.booking_id as "bookingId",
    ${toEpochMs('t.expires_at')} as "expiresAt", ${toEpochMs('t.expires_at - now()')} as "msLeft",
    (select jsonb_build_object('endpoint', s.endpoint, 'keys', jsonb_build_object('p256dh', s.p256dh, 'auth', s.auth))
     from push_subscription s where s.session_id = t.session_id and s.endpoint_hash = t.endpoint_hash) as subscription`,
  isPending: 'due_at is not null',
  whenDone: 'delete',
  whenAbandoned: 'delete',
  resultColumn: null,
  canBeReplayed: false,
  receiver: null,
};

/** Retries after 1, 3, 9, 27 and 81 s plus jitter. The six attempts span at least two minutes. */
const retry: RetryPolicy = {
  backoff: { by: 'attempts', firstDelayMs: 1000, delayMsMax: null, jitter: 1 },
  attemptsMax: 6,
};

/** Longer than the longest attempt, which takes 10 s. */
const leaseMs = 30_000;

const concurrency = 32;

const deleteIntervalMs = 60 * 60 * 1000;

/**
 * Sends the push messages of the outbox. A browser may get a message twice, because the outbox sends each message at
 * least once.
 */
@Injectable()
export class PushWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(PushWorker.name);
  private readonly worker: OutboxWorker<ClaimedMessage>;
  private readonly cleanup = Poller.every(
    deleteIntervalMs,
    () => this.subscriptions.deleteOld(),
    (error) => this.logger.error({ err: error }, 'could not delete old push subscriptions; retrying in 1 h'),
  );

  constructor(
    @Inject(PG_POOL) pool: Pool,
    private readonly client: PushClient,
    private readonly subscriptions: PushSubscriptions,
  ) {
    this.worker = new OutboxWorker(
      {
        noun: 'push message',
        store: new PostgresOutboxStore(pool, messageTable),
        handle: (message, signal) => this.send(message, signal),
        retry,
        leaseMs,
        concurrency,
        logFields: ({ showId, type }) => ({ showId, type }),
      },
      this.logger,
    );
  }

  onApplicationBootstrap(): void {
    this.worker.start();
    this.cleanup.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.worker.stop(), this.cleanup.stop()]);
  }

  private async send(message: ClaimedMessage, signal: AbortSignal): Promise<Outcome> {
    const { msLeft, subscription } = message;
    if (subscription === null) return { type: 'obsolete', reason: 'UNSUBSCRIBED' };
    if (msLeft !== null && msLeft <= 0) return { type: 'obsolete', reason: 'EXPIRED' };
    const outcome = await this.client.push(message, subscription, signal);
    if (outcome.type === 'obsolete') await this.subscriptions.deleteDead(message);
    return outcome;
  }
}
