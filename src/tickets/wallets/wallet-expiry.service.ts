import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Poller } from '../../common/poller.js';
import { WALLETS, type Wallets } from './wallets.js';

const dayMs = 24 * 60 * 60 * 1000;

/**
 * How long before the expiry of a certificate the service starts to report it. Apple issues a new certificate within
 * minutes, but the operator's staff need more time to request and install it.
 */
const warningMs = 30 * dayMs;

/** Logs wallet certificates that expire soon or that expired while the service runs. */
@Injectable()
export class WalletExpiry implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(WalletExpiry.name);
  private readonly checks = new Poller(
    () => Promise.resolve(this.report()),
    (error) =>
      this.logger.error({ err: error }, 'could not check the expiry of wallet certificates; trying again in 24 h'),
    dayMs,
  );

  constructor(@Inject(WALLETS) private readonly wallets: Wallets) {}

  onApplicationBootstrap(): void {
    if (this.wallets.apple) this.checks.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.checks.stop();
  }

  /** Returns the names of configured wallets whose certificate expired, so that they offer no passes. */
  listUnavailableWallets(): string[] {
    const { apple } = this.wallets;
    return apple && !apple.isUsable() ? ['apple-wallet'] : [];
  }

  /** Logs the expiry of the certificates. @returns the time until the next check, in ms */
  private report(): number {
    const { apple } = this.wallets;
    if (!apple) return dayMs;
    const { at, setting } = apple.expiry;
    const leftMs = at - Date.now();
    const expiresAt = new Date(at).toISOString();
    if (leftMs <= 0) {
      this.logger.error(
        { setting, expiresAt },
        'an Apple Wallet certificate expired; passes are unavailable until the certificate is renewed',
      );
    } else if (leftMs <= warningMs) {
      this.logger.warn(
        { setting, expiresAt },
        'an Apple Wallet certificate expires soon; passes become unavailable unless the certificate is renewed',
      );
    }
    return leftMs > 0 ? Math.min(dayMs, leftMs + 1) : dayMs;
  }
}
