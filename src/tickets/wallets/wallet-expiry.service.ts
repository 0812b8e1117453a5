import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Poller } from '../../common/poller.js';
import { WALLETS, type Wallets } from './wallets.js';

const dayMs = 24 * 60 * 60 * 1000;

/** How long before its end a certificate is reported: Apple issues a new one within minutes, people need longer. */
const warningMs = 30 * dayMs;

/** Reports certificates of wallets that expire soon, or that expired while the service runs. */
@Injectable()
export class WalletExpiry implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(WalletExpiry.name);
  private readonly checks = new Poller(
    () => Promise.resolve(this.report()),
    (error) => this.logger.error({ err: error }, 'could not check the certificates of wallets'),
    dayMs,
  );

  constructor(@Inject(WALLETS) private readonly wallets: Wallets) {}

  onApplicationBootstrap(): void {
    if (this.wallets.apple) this.checks.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.checks.stop();
  }

  /** Names of the wallets that are set up, and for which no passes can be made any more. */
  unavailable(): string[] {
    const { apple } = this.wallets;
    return apple && !apple.isUsable() ? ['apple-wallet'] : [];
  }

  /** @returns after how many ms to check again */
  private report(): number {
    const { apple } = this.wallets;
    if (!apple) return dayMs;
    const { at, setting } = apple.expiry;
    const leftMs = at - Date.now();
    const expiresAt = new Date(at).toISOString();
    if (leftMs <= 0) {
      this.logger.error(
        { setting, expiresAt },
        'a certificate expired; no passes for Apple Wallet until it is renewed',
      );
    } else if (leftMs <= warningMs) {
      this.logger.warn({ setting, expiresAt }, 'a certificate expires soon; renew it to keep passes for Apple Wallet');
    }
    return leftMs > 0 ? Math.min(dayMs, leftMs + 1) : dayMs;
  }
}
