import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Pool } from 'pg';
import { Webhook } from 'standardwebhooks';
import { failureCode } from '../../common/outbound-post.js';
import { ListenAddress } from '../../common/listen-address.js';
import type { Outcome } from '../../database/outbox/outcome.js';
import { PostgresOutboxStore } from '../../database/outbox/outbox-store.js';
import type { OutboxTable } from '../../database/outbox/outbox-table.js';
import { OutboxWorker } from '../../database/outbox/outbox-worker.js';
import type { RetryPolicy } from '../../database/outbox/retry-policy.js';
import { PG_POOL } from '../../database/pg-pool.js';
import { SANDBOX_SECRETS, type SandboxSecrets } from './sandbox-secrets.js';

/** A webhook that this node has claimed. */
interface ClaimedWebhook {
  readonly showId: number;
  readonly deliveryId: string;
  readonly eventId: string;
  readonly body: string;
  readonly attempts: number;
}

const webhookTable: OutboxTable<ClaimedWebhook> = {
  name: 'sandbox_delivery',
  key: { show_id: 'showId', delivery_id: 'deliveryId' },
  columns: `t.show_id as "showId", t.delivery_id as "deliveryId", t.event_id as "eventId", t.body`,
  isPending: 'due_at is not null',
  whenDone: 'delete',
  whenAbandoned: 'delete',
  resultColumn: null,
  canBeReplayed: false,
  receiver: null,
};

/** Retries after 1 s, 3 s, 9 s and so on. The eight attempts span at least 18 minutes. */
const retry: RetryPolicy = {
  backoff: { by: 'attempts', firstDelayMs: 1000, delayMsMax: null, jitter: 1 },
  attemptsMax: 8,
};

const requestMsMax = 5000;

/** Longer than the longest attempt, including the SQL statements before and after that attempt. */
const leaseMs = 15_000;

/** Sends the sandbox provider's webhooks to this service, signed in the format of Standard Webhooks. */
@Injectable()
export class SandboxWebhookWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(SandboxWebhookWorker.name);
  private readonly worker: OutboxWorker<ClaimedWebhook>;

  constructor(
    @Inject(PG_POOL) pool: Pool,
    private readonly address: ListenAddress,
    @Inject(SANDBOX_SECRETS) private readonly secrets: SandboxSecrets,
  ) {
    this.worker = new OutboxWorker(
      {
        noun: 'sandbox webhook',
        store: new PostgresOutboxStore(pool, webhookTable),
        handle: (webhook, signal) => this.send(webhook, signal),
        retry,
        leaseMs,
        concurrency: 8,
        logFields: ({ eventId }) => ({ eventId }),
      },
      this.logger,
    );
  }

  onApplicationBootstrap(): void {
    this.worker.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.worker.stop();
  }

  /** Makes the worker send a new webhook now instead of at the next poll. */
  wake(): void {
    this.worker.wake();
  }

  private async send({ eventId, body }: ClaimedWebhook, signal: AbortSignal): Promise<Outcome> {
    const now = new Date();
    try {
      const { ok, status } = await fetch(`${await this.address.url()}/v1/payments/webhooks/sandbox`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'webhook-id': eventId,
          'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
          'webhook-signature': new Webhook(this.secrets.webhookSecret).sign(eventId, now, body),
        },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(requestMsMax)]),
      });
      return ok ? { type: 'done' } : { type: 'failed', reason: String(status) };
    } catch (error) {
      this.logger.debug({ eventId, err: error }, 'could not send a webhook of the sandbox; retrying');
      return { type: 'failed', reason: failureCode(error) };
    }
  }
}
