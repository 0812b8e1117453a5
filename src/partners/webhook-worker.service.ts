import type { IncomingMessage } from 'node:http';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { WebhookEvent } from '@usher/contract';
import type { Pool } from 'pg';
import { Webhook } from 'standardwebhooks';
import { failureCode, OutboundPost } from '../common/outbound-post.js';
import { Poller } from '../common/poller.js';
import { isPrivateLiteral, PrivateHostError } from '../common/public-hosts.js';
import { readRetryAfterMs } from '../common/retry-after.js';
import { CONFIG, type Config } from '../config/config.js';
import { ColumnCipher } from '../database/column-cipher.js';
import type { Outcome } from '../database/outbox/outcome.js';
import { PostgresOutboxStore } from '../database/outbox/outbox-store.js';
import type { OutboxTable } from '../database/outbox/outbox-table.js';
import { OutboxWorker } from '../database/outbox/outbox-worker.js';
import type { RetryPolicy } from '../database/outbox/retry-policy.js';
import { PG_POOL } from '../database/pg-pool.js';
import { toEpochMs } from '../database/sql-time.js';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';
import { webhookSecretColumn } from './webhook-endpoint.entity.js';
import { isActiveEndpoint, WebhookEndpointsRepository } from './webhook-endpoints.repository.js';

/** A delivery that this node has claimed. */
interface ClaimedDelivery {
  readonly showId: number;
  readonly deliveryId: string;
  readonly endpointId: string;
  readonly event: WebhookEvent;
  readonly attempts: number;
  /** Time from the claim until the service gives up the delivery. */
  readonly msLeft: number;
  /** Null if the endpoint is gone or was deleted, or if its API key was revoked. */
  readonly endpoint: { readonly url: string; readonly encryptedSecret: string } | null;
}

const deliveryTable: OutboxTable<ClaimedDelivery> = {
  name: 'webhook_delivery',
  key: { show_id: 'showId', delivery_id: 'deliveryId' },
  columns: `t.show_id as "showId", t.delivery_id as "deliveryId", t.endpoint_id as "endpointId", t.event,
    ${toEpochMs('t.give_up_at - now()')} as "msLeft", (select json_build_object('url', e.url, 'encryptedSecret', e.secret)
      from webhook_endpoint e where e.endpoint_id = t.endpoint_id and ${isActiveEndpoint}) as endpoint`,
  isPending: "status = 'pending'",
  whenDone: { set: "status = 'delivered'" },
  whenAbandoned: { set: "status = 'failed'" },
  resultColumn: 'last_result',
  canBeReplayed: true,
  receiver: { column: 'endpoint_id', sqlType: 'uuid', property: 'endpointId' },
};

/** Retries after 5 s, 15 s, 45 s and so on, in the end every 6 hours, until the delivery's time limit of three days. */
const retry: RetryPolicy = {
  backoff: { by: 'attempts', firstDelayMs: 5000, delayMsMax: 6 * 60 * 60 * 1000, jitter: 0.5 },
  attemptsMax: null,
};

/** Time limit for one request to a partner's server, including the DNS lookup. */
const requestMsMax = 15_000;

/** Longer than the longest attempt, including the SQL statements before and after that attempt. */
const leaseMs = 60_000;

const concurrency = 64;

/**
 * Limits the requests in flight per endpoint, so that a partner whose server does not respond cannot delay other
 * partners.
 */
const concurrencyPerReceiver = 8;

const deleteIntervalMs = 60 * 60 * 1000;

/** Sends the webhook deliveries of the outbox, each at least once and in no particular order. */
@Injectable()
export class WebhookWorker implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  private readonly logger = new Logger(WebhookWorker.name);
  private readonly outbound: OutboundPost;
  private readonly worker: OutboxWorker<ClaimedDelivery>;
  private readonly cleanup: Poller;

  constructor(
    @Inject(PG_POOL) pool: Pool,
    @Inject(CONFIG) private readonly config: Config,
    deliveries: WebhookDeliveriesRepository,
    private readonly endpoints: WebhookEndpointsRepository,
    private readonly cipher: ColumnCipher,
  ) {
    this.outbound = new OutboundPost(config.canCallPrivateWebhooks);
    this.worker = new OutboxWorker(
      {
        noun: 'webhook delivery',
        store: new PostgresOutboxStore(pool, deliveryTable),
        handle: (delivery, signal) => this.send(delivery, signal),
        retry,
        leaseMs,
        concurrency,
        concurrencyPerReceiver,
        logFields: ({ endpointId }) => ({ endpointId }),
      },
      this.logger,
    );
    this.cleanup = Poller.every(
      deleteIntervalMs,
      () => deliveries.deleteOld(),
      (error) => this.logger.error({ err: error }, 'could not delete old webhook deliveries; retrying in 1 h'),
    );
  }

  onApplicationBootstrap(): void {
    this.worker.start();
    this.cleanup.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.worker.stop(), this.cleanup.stop()]);
  }

  onApplicationShutdown(): void {
    this.outbound.close();
  }

  private async send(delivery: ClaimedDelivery, signal: AbortSignal): Promise<Outcome> {
    const { endpoint, endpointId } = delivery;
    if (endpoint === null) return { type: 'obsolete', reason: 'GONE' };
    const url = new URL(endpoint.url);
    if (!this.config.canCallPrivateWebhooks && isPrivateLiteral(url))
      return { type: 'refused', reason: 'PRIVATE_HOST' };
    const secret = this.cipher.decrypt(webhookSecretColumn, endpointId, endpoint.encryptedSecret);
    let response: IncomingMessage;
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(requestMsMax)]);
      response = await this.outbound.post(url, signedMessage(delivery, secret), limit);
    } catch (error) {
      return { type: error instanceof PrivateHostError ? 'refused' : 'failed', reason: failureCode(error) };
    }
    const { statusCode = 0, headers } = response;
    const result = String(statusCode);
    if (statusCode >= 200 && statusCode < 300) return { type: 'done', result };
    if (statusCode === 410) {
      await this.endpoints.markGone(endpointId);
      return { type: 'obsolete', reason: result };
    }
    // After any other status, the delivery is retried, because the partner may fix a mistake within the three days.
    return { type: 'failed', reason: result, retryAfterMs: readRetryAfterMs(headers['retry-after'], Date.now()) };
  }
}

/** Creates the headers and the body of a delivery's request, in the format of Standard Webhooks. */
function signedMessage({ deliveryId, event }: ClaimedDelivery, secret: string) {
  const body = JSON.stringify(event);
  const sentAt = new Date();
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Usher',
    'webhook-id': deliveryId,
    'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(deliveryId, sentAt, body),
  };
  return { headers, body };
}
