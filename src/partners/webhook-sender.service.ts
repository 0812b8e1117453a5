import type { IncomingMessage } from 'node:http';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import { Draining } from '../common/draining.js';
import { failureCode, OutboundPost } from '../common/outbound-post.js';
import { isPrivateLiteral, PrivateHostError } from '../common/public-hosts.js';
import { Poller } from '../common/poller.js';
import { readRetryAfterMs } from '../common/retry-after.js';
import { CONFIG, type Config } from '../config/config.js';
import { type ClaimedDelivery, WebhookOutbox } from './webhook-outbox.js';

/** Longest that a partner's server may take, from the look-up of its name on. */
const requestMsMax = 15_000;

/** Longer than an attempt can take with what is written before and after it. */
const claimMs = 60_000;

const deliveriesAtOnce = 64;

/** Of one endpoint, and at most as many again: one whose server does not answer holds up no other. */
const endpointShare = 8;

const backoffMsMax = 6 * 60 * 60 * 1000;

const sweepEveryMs = 60 * 60 * 1000;

/** 5, 15, 45 s … up to six hours, and up to half as much again: those that failed together do not come back together. */
const backoffMs = (attempts: number): number =>
  Math.round(Math.min(backoffMsMax, 5000 * 3 ** Math.min(attempts - 1, 12)) * (1 + Math.random() / 2));

/** Longest pause between two looks at the outbox. */
const lookMsMax = 500;

/** Sends what the outbox holds, at least once each and in no order. */
@Injectable()
export class WebhookSender implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  private readonly logger = new Logger(WebhookSender.name);
  private readonly outbound: OutboundPost;
  private readonly draining: Draining<ClaimedDelivery>;
  /** How many deliveries are on their way, by endpoint. */
  private readonly underWay = new Map<string, number>();
  private readonly sweeps = new Poller(
    async () => {
      await this.outbox.forgetOld();
      return sweepEveryMs;
    },
    (error) => this.logger.error({ err: error }, 'old webhook deliveries could not be removed'),
    sweepEveryMs,
  );

  constructor(
    private readonly outbox: WebhookOutbox,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    this.outbound = new OutboundPost(config.canCallPrivateWebhooks);
    this.draining = new Draining({
      claim: (limit) => outbox.claim(Math.min(limit, endpointShare), claimMs, this.busyEndpoints()),
      work: (delivery, cut) => this.sendCounted(delivery, cut),
      failed: (error) => this.logger.error({ err: error }, 'what became of a webhook could not be written down'),
      blind: (error) => this.logger.error({ err: error }, 'webhooks could not be looked for'),
      atOnce: deliveriesAtOnce,
      lookMsMax,
    });
  }

  onApplicationBootstrap(): void {
    this.draining.start();
    this.sweeps.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.draining.stop(), this.sweeps.stop()]);
  }

  onApplicationShutdown(): void {
    this.outbound.close();
  }

  private busyEndpoints(): string[] {
    return [...this.underWay].flatMap(([endpointId, count]) => (count >= endpointShare ? [endpointId] : []));
  }

  private async sendCounted(delivery: ClaimedDelivery, cut: AbortSignal): Promise<void> {
    const { endpointId } = delivery;
    this.underWay.set(endpointId, (this.underWay.get(endpointId) ?? 0) + 1);
    try {
      await this.send(delivery, cut);
    } finally {
      const left = (this.underWay.get(endpointId) ?? 1) - 1;
      if (left === 0) this.underWay.delete(endpointId);
      else this.underWay.set(endpointId, left);
    }
  }

  private async send(delivery: ClaimedDelivery, cut: AbortSignal): Promise<void> {
    const { to, endpointId } = delivery;
    if (to === null) return this.outbox.settle(delivery, 'failed', 'GONE', 0);
    const url = new URL(to.url);
    if (!this.config.canCallPrivateWebhooks && isPrivateLiteral(url)) {
      return this.outbox.settle(delivery, 'failed', 'PRIVATE_HOST', 0);
    }
    let answer: IncomingMessage;
    try {
      const signal = AbortSignal.any([cut, AbortSignal.timeout(requestMsMax)]);
      answer = await this.outbound.post(url, signed(delivery, to.secret), signal);
    } catch (error) {
      if (error instanceof PrivateHostError) return this.outbox.settle(delivery, 'failed', error.code, 0);
      return this.again(delivery, failureCode(error), 0);
    }
    const { statusCode = 0, headers } = answer;
    if (statusCode >= 200 && statusCode < 300) return this.outbox.settle(delivery, 'delivered', String(statusCode), 0);
    if (statusCode === 410) {
      await this.outbox.endpointGone(endpointId);
      return this.outbox.settle(delivery, 'failed', '410', 0);
    }
    // Whatever else it says may be a mistake that its owner mends within the three days.
    return this.again(delivery, String(statusCode), readRetryAfterMs(headers['retry-after'], Date.now()));
  }

  private async again(delivery: ClaimedDelivery, result: string, waitMs: number): Promise<void> {
    const delayMs = Math.max(backoffMs(delivery.attempts), waitMs);
    if (delayMs < delivery.msLeft) return this.outbox.settle(delivery, 'pending', result, delayMs);
    const { endpointId, attempts } = delivery;
    this.logger.warn({ endpointId, attempts, reason: result }, 'a webhook could not be delivered');
    return this.outbox.settle(delivery, 'failed', result, 0);
  }
}

/** A delivery as the Standard Webhooks convention has it. */
function signed({ deliveryId, event }: ClaimedDelivery, secret: string) {
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
