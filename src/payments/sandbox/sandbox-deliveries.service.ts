import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import { backoffMs, Draining } from '../../common/draining.js';
import { ListenAddress } from '../../common/listen-address.js';
import { type ClaimedDelivery, SandboxBooks } from './sandbox-books.js';
import { SANDBOX_SECRETS, type SandboxSecrets } from './sandbox-secrets.js';

const answerMsMax = 5000;
const claimMs = 15_000;

/** How often a webhook is tried. */
const attemptsMax = 8;

/** Sends the sandbox provider's webhooks, signed in the way of Standard Webhooks. */
@Injectable()
export class SandboxDeliveries implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(SandboxDeliveries.name);
  private readonly sending = new Draining<ClaimedDelivery>({
    claim: (limit) => this.books.claim(limit, claimMs),
    work: (delivery, cut) => this.deliver(delivery, cut),
    failed: (error, { eventId }) => this.logger.error({ eventId, err: error }, 'a webhook of the sandbox is stuck'),
    blind: (error) => this.logger.error({ err: error }, 'webhooks of the sandbox could not be looked for'),
    atOnce: 8,
    lookMsMax: 500,
  });

  constructor(
    private readonly books: SandboxBooks,
    private readonly address: ListenAddress,
    @Inject(SANDBOX_SECRETS) private readonly secrets: SandboxSecrets,
  ) {}

  onApplicationBootstrap(): void {
    this.sending.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.sending.stop();
  }

  /** There is a webhook to send. */
  wake(): void {
    this.sending.wake();
  }

  private async deliver(delivery: ClaimedDelivery, cut: AbortSignal): Promise<void> {
    const { attempts } = delivery;
    if ((await this.arrives(delivery, cut)) || attempts >= attemptsMax) await this.books.delivered(delivery);
    else await this.books.deliverLater(delivery, backoffMs(attempts));
  }

  private async arrives({ eventId, body }: ClaimedDelivery, cut: AbortSignal): Promise<boolean> {
    const now = new Date();
    try {
      const answer = await fetch(`${await this.address.url()}/v1/payments/webhooks/sandbox`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'webhook-id': eventId,
          'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
          'webhook-signature': new Webhook(this.secrets.webhookSecret).sign(eventId, now, body),
        },
        body,
        signal: AbortSignal.any([cut, AbortSignal.timeout(answerMsMax)]),
      });
      return answer.ok;
    } catch (error) {
      this.logger.debug({ eventId, err: error }, 'a webhook of the sandbox did not arrive');
      return false;
    }
  }
}
