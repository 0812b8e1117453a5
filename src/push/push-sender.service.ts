import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { backoffMs, Draining } from '../common/draining.js';
import { Poller } from '../common/poller.js';
import { PushClient, type PushOutcome } from './push-client.js';
import { type ClaimedMessage, PushOutbox } from './push-outbox.js';
import { PushSubscriptions } from './push-subscriptions.js';

/** Longest pause between two looks at the outbox. */
const lookMsMax = 500;

/** Messages that a node sends at once. A push service that does not answer keeps one place busy, not the others. */
const sendsAtOnce = 32;

/** Longer than an attempt can take with what is written before and after it. */
const claimMs = 30_000;

/** How often a message is tried: with {@link backoffMs} that spans two minutes at least. */
const attemptsMax = 6;

const oldSubscriptionsEveryMs = 60 * 60 * 1000;

/**
 * Pushes what the outbox holds. At least once, so a browser may hear the same thing twice.
 */
@Injectable()
export class PushSender implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(PushSender.name);
  private readonly sending = new Draining<ClaimedMessage>({
    claim: (limit) => this.outbox.claim(limit, claimMs),
    work: (message, cut) => this.send(message, cut),
    failed: (error, { showId, type }) =>
      this.logger.error({ showId, type, err: error }, 'what became of a pushed message could not be written down'),
    blind: (error) => this.logger.error({ err: error }, 'messages to push could not be looked for'),
    atOnce: sendsAtOnce,
    lookMsMax,
  });
  private readonly sweeps = new Poller(
    () => this.sweep(),
    (error) => this.logger.error({ err: error }, 'old push subscriptions could not be removed'),
    oldSubscriptionsEveryMs,
  );

  constructor(
    private readonly outbox: PushOutbox,
    private readonly client: PushClient,
    private readonly subscriptions: PushSubscriptions,
  ) {}

  onApplicationBootstrap(): void {
    this.sending.start();
    this.sweeps.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.sending.stop(), this.sweeps.stop()]);
  }

  private async send(message: ClaimedMessage, cut: AbortSignal): Promise<void> {
    const { msLeft, subscription } = message;
    if (subscription === null || isOver(msLeft)) await this.outbox.remove(message);
    else await this.settle(message, await this.client.push(message, subscription, cut));
  }

  private async settle(message: ClaimedMessage, outcome: PushOutcome): Promise<void> {
    const { showId, type, attempts, msLeft } = message;
    switch (outcome.result) {
      case 'delivered':
        return this.outbox.remove(message);
      case 'gone':
        return this.outbox.removeSubscriptionOf(message);
      case 'refused':
        this.logger.warn({ showId, type, reason: outcome.reason }, 'a push service refused a message');
        return this.outbox.remove(message);
      case 'failed': {
        const delayMs = Math.max(backoffMs(attempts), outcome.waitMs);
        if (attempts < attemptsMax && (msLeft === null || delayMs < msLeft)) return this.outbox.retry(message, delayMs);
        this.logger.warn({ showId, type, attempts, reason: outcome.reason }, 'a message could not be pushed');
        return this.outbox.remove(message);
      }
    }
  }

  private async sweep(): Promise<number> {
    await this.subscriptions.removeOld();
    return oldSubscriptionsEveryMs;
  }
}

const isOver = (msLeft: number | null): boolean => msLeft !== null && msLeft <= 0;
